// What types look like inside, for people: members and variants with their docs, folded until somebody wants to know.

import { make, prose } from "./dom.js";
import { shortName } from "./schema.js";

/** What is inside of a type; undefined where there is nothing to tell beside its name. */
export function outline(protocol, type) {
  const def = innermost(protocol, type);
  const lines = def?.variants?.map((variant) => variantLine(protocol, variant)) ?? def?.fields?.map((field) => fieldLine(protocol, field));
  return lines?.length > 0 ? make("dl", { class: "outline" }, lines) : undefined;
}

/** The same under a title. Made when it is unfolded: a type may contain itself. */
export function folded(title, build) {
  const details = make("details", { class: "folded" }, make("summary", {}, title));
  details.ontoggle = () => details.children.length === 1 && details.append(build());
  return details;
}

/** The struct or enum that a type is, or is a list or map of. */
function innermost(protocol, type) {
  if (type.is === "fields") return type.def;
  let base = protocol.base(type);
  while (base.shape.of) base = protocol.base(base.shape.of);
  return base.def;
}

function fieldLine(protocol, { name, type, optional, default: usual, docs, deprecated }) {
  const notes = [
    protocol.describe(type),
    protocol.base(type).nullable && "or null",
    optional && "may be left out",
    usual !== undefined && `else ${JSON.stringify(usual)}`,
    deprecated && "deprecated",
  ];
  const def = innermost(protocol, type);
  const more = (def?.variants ?? def?.fields)?.length > 0 && folded(shortName(def.name), () => outline(protocol, type));
  return line(name, notes.filter(Boolean).join(", "), docs, more);
}

function variantLine(protocol, { name, fields = [], docs }) {
  const inside = fields.map((field) => fieldLine(protocol, field));
  return line(name, "", docs, inside.length > 0 && make("dl", { class: "outline" }, inside));
}

const line = (name, what, docs, inside) =>
  make("div", {}, make("dt", { class: "code" }, name), make("dd", {}, make("span", { class: "type" }, what), docs && make("p", { class: "docs" }, prose(docs)), inside));
