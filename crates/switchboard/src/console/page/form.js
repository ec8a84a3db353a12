// Forms made from types. `formOf(protocol, type)` is an editor:
//   node                      what is shown
//   read(path, problems)      the value; what cannot be read is told as a violation
//   write(value)              shows a value
//   complain(keys, text)      shows what is wrong with what stands at these keys; whether somebody could
// An editor reads `undefined` where a value is left out.

import { hex } from "./binary.js";
import { button, make, newId, prose } from "./dom.js";
import { escaped } from "./schema.js";

/** For a payload or a reply. */
export function formOf(protocol, type, hints = {}) {
  return type.is === "fields" || protocol.base(type).def?.is === "struct"
    ? structEditor({ protocol, hints }, protocol.fieldsOf(type).fields)
    : editorOf({ protocol, hints }, type, {});
}

/** Takes away what an earlier complaint has said. */
export function clearComplaints(node) {
  for (const slot of node.querySelectorAll(".problem")) slot.textContent = "";
  for (const control of node.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** The editor of a type. `about` is of the place: label, docs, whether it is secret. */
function editorOf(context, type, about) {
  const base = context.protocol.base(type);
  const place = { ...about, type, base, secret: about.secret || base.secret, id: newId() };
  const { shape, def } = base;
  if (shape.is === "list") return listEditor(context, place);
  if (shape.is === "map") return mapEditor(context, place);
  if (def?.is === "struct") return group(place, structEditor(context, def.fields ?? []));
  if (def && !(def.is === "enum" && def.plain)) return variantEditor(context, place);
  return controlEditor(context, place);
}

// ------------------------------------------------------------------ objects

function structEditor(context, fields) {
  const editors = new Map(fields.map((field) => [field.name, fieldEditor(context, field)]));
  const nothing = make("p", { class: "quiet" }, "It carries nothing.");
  return {
    node: make("div", { class: "fields" }, fields.length ? [...editors.values()].map(({ node }) => node) : nothing),
    read(path, problems) {
      const values = [...editors].map(([name, editor]) => [name, editor.read(`${path}/${escaped(name)}`, problems)]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    },
    write: (value) => editors.forEach((editor, name) => editor.write(value?.[name])),
    complain: ([key, ...keys], text) => editors.get(key)?.complain(keys, text) ?? false,
  };
}

/** A field: its editor, and where it may be left out or null, a choice of that. */
function fieldEditor(context, field) {
  const { nullable } = context.protocol.base(field.type);
  const mayBeLeftOut = field.optional || field.default !== undefined;
  const about = { label: field.name, docs: field.docs, deprecated: field.deprecated, secret: field.secret };
  const first = field.default !== undefined ? "value" : field.optional ? "left out" : "null";
  if (!mayBeLeftOut && !nullable) return editorOf(context, field.type, about);

  // Made when it is first wanted: a type may contain itself.
  let editor;
  const inner = make("div", { class: "inner" });
  const choices = ["value", mayBeLeftOut && "left out", nullable && "null"].filter(Boolean);
  const choice = make(
    "select",
    { class: "presence", "aria-label": `${field.name}: is it there?`, onchange: () => show(choice.value) },
    choices.map((name) => make("option", { value: name }, name === "value" ? "sent" : name)),
  );
  const heading = make("div", { class: "absent" }, make("span", { class: "name" }, field.name), make("span", { class: "docs" }, prose(field.docs)));
  const show = (which) => {
    choice.value = which;
    if (which === "value") editor ??= editorOf(context, field.type, about);
    inner.replaceChildren(which === "value" ? editor.node : heading);
  };
  const write = (value) => {
    show(value === undefined ? (mayBeLeftOut ? "left out" : "value") : value === null && nullable ? "null" : "value");
    if (choice.value === "value") editor.write(value);
  };
  show(first);
  if (field.default !== undefined) write(field.default);
  return {
    node: make("div", { class: "choosable" }, choice, inner),
    read(path, problems) {
      if (choice.value === "left out") return undefined;
      return choice.value === "null" ? null : editor.read(path, problems);
    },
    write,
    complain: (keys, text) => choice.value === "value" && editor.complain(keys, text),
  };
}

/** One of several variants, with the fields of the chosen one. */
function variantEditor(context, place) {
  const { def } = place.base;
  const variants = def.variants ?? [];
  const fields = make("div", {});
  const docs = make("p", { class: "docs" });
  let editor;
  const choose = (chosen) => {
    const variant = variants[chosen];
    select.value = chosen;
    docs.replaceChildren(...prose(variant?.docs));
    editor = variant ? structEditor(context, variant.fields ?? []) : editorOf(context, { is: "json" }, { label: "the whole object" });
    fields.replaceChildren(...(variant && !variant.fields?.length ? [] : [editor.node]));
  };
  const options = variants.map(({ name }, index) => make("option", { value: index }, name));
  const select = make(
    "select",
    { id: place.id, onchange: () => choose(select.value), "aria-label": `${place.label ?? "value"}: which` },
    [...options, def.open && make("option", { value: OTHER }, "another one")],
  );
  choose(simplest(context.protocol, variants));
  return group(place, {
    node: make("div", {}, select, docs, fields),
    read(path, problems) {
      const value = editor.read(path, problems);
      return select.value === OTHER ? value : { [def.tag]: variants[select.value]?.name, ...value };
    },
    write(value) {
      const index = variants.findIndex(({ name }) => name === value?.[def.tag]);
      choose(index >= 0 ? index : def.open ? OTHER : select.value);
      editor.write(value);
    },
    complain: (keys, text) => editor.complain(keys, text),
  });
}

const OTHER = "other";

/** The first of the variants that are filled in the fewest steps: others may contain each other without end. */
function simplest(protocol, variants) {
  const heights = variants.map(({ fields }) => heightOf(protocol, fields));
  return Math.max(0, heights.indexOf(Math.min(...heights)));
}

/** How deep values of these fields nest at least. */
function heightOf(protocol, fields = [], above = []) {
  const needed = fields.filter(({ optional, default: usual, type }) => !optional && usual === undefined && !protocol.base(type).nullable);
  const height = (type) => {
    const { shape, def, limits } = protocol.base(type);
    if (shape.of) return limits.some(({ len }) => len?.min > 0) ? height(shape.of) : 0;
    if (!def) return 0;
    if (above.includes(def)) return Infinity;
    const inside = (def.variants ?? [def]).map(({ fields }) => heightOf(protocol, fields, [...above, def]));
    return 1 + Math.min(...inside);
  };
  return Math.max(0, ...needed.map(({ type }) => height(type)));
}

/** A framed part of a form. */
function group(place, editor) {
  const slot = make("p", { class: "problem", role: "alert" });
  return {
    ...editor,
    node: make("fieldset", {}, make("legend", {}, title(place)), details(place), slot, editor.node),
    complain: (keys, text) => editor.complain(keys, text) || tell(slot, text),
  };
}

// ------------------------------------------------------------------ lists and maps

function listEditor(context, place) {
  const { shape, limits } = place.base;
  const items = make("ol", { class: "items" });
  let editors = [];
  const add = (value) => {
    const editor = editorOf(context, shape.of, { label: `item ${editors.length + 1}`, secret: place.secret, small: true });
    if (value !== undefined) editor.write(value);
    editors.push(editor);
    const remove = button("×", () => {
      editors = editors.filter((other) => other !== editor);
      item.remove();
    }, { class: "remove", "aria-label": "Remove this item" });
    const item = make("li", {}, editor.node, remove);
    items.append(item);
    return item;
  };
  const more = button("Add an item", () => add().querySelector("input, select, textarea")?.focus(), { class: "add" });
  const least = Math.max(0, ...limits.map(({ len }) => len?.min ?? 0));
  for (let count = 0; count < Math.min(least, MOST_AT_FIRST); count += 1) add();
  return group(place, {
    node: make("div", {}, items, more),
    read: (path, problems) => editors.map((editor, index) => readInside(editor, `${path}/${index}`, problems)),
    write(value) {
      editors = [];
      items.replaceChildren();
      if (Array.isArray(value)) value.forEach((item) => add(item));
    },
    complain: ([index, ...keys], text) => editors[index]?.complain(keys, text) ?? false,
  });
}

const MOST_AT_FIRST = 8;

/** In a list or map something has to stand in each place. */
function readInside(editor, path, problems) {
  const value = editor.read(path, problems);
  if (value === undefined) problems.push({ at: path, rule: "required", want: "a value" });
  return value ?? null;
}

function mapEditor(context, place) {
  const { shape } = place.base;
  const items = make("ol", { class: "items" });
  let entries = [];
  const add = (key, value) => {
    const entry = {
      key: editorOf(context, shape.key, { label: "key", small: true }),
      value: editorOf(context, shape.of, { label: "value", secret: place.secret, small: true }),
    };
    if (key !== undefined) {
      entry.key.write(key);
      entry.value.write(value);
    }
    entries.push(entry);
    const remove = button("×", () => {
      entries = entries.filter((other) => other !== entry);
      item.remove();
    }, { class: "remove", "aria-label": "Remove this entry" });
    const item = make("li", { class: "entry" }, entry.key.node, entry.value.node, remove);
    items.append(item);
    return item;
  };
  const more = button("Add an entry", () => add().querySelector("input, select, textarea")?.focus(), { class: "add" });
  const keyOf = ({ key }) => String(key.read("", []) ?? "");
  return group(place, {
    node: make("div", {}, items, more),
    read(path, problems) {
      const keys = entries.map(keyOf);
      const twice = keys.find((key, index) => keys.indexOf(key) !== index);
      if (twice !== undefined) problems.push({ at: `${path}/${escaped(twice)}`, rule: "duplicate_key", want: "the key once" });
      return Object.fromEntries(entries.map(({ value }, index) => [keys[index], readInside(value, `${path}/${escaped(keys[index])}`, problems)]));
    },
    write(value) {
      entries = [];
      items.replaceChildren();
      for (const [key, inner] of Object.entries(value ?? {})) add(key, inner);
    },
    complain([key, ...keys], text) {
      const entry = entries.find((entry) => keyOf(entry) === key);
      return entry ? entry.value.complain(keys, text) || entry.key.complain([], text) : false;
    },
  });
}

// ------------------------------------------------------------------ single values

/** One control with its label, what it is for, and what is wrong with it. */
function controlEditor(context, place) {
  const { id } = place;
  const control = controlOf(context, place);
  const slot = make("p", { class: "problem", id: `${id}-problem`, role: "alert" });
  control.main.id = id;
  control.main.setAttribute("aria-describedby", `${id}-about ${id}-problem`);
  const about = make("div", { id: `${id}-about`, class: "about" }, details(place), make("p", { class: "type" }, context.protocol.describe(place.type)));
  return {
    node: make(
      "div",
      { class: `field${place.small ? " small" : ""}` },
      make("label", { htmlFor: id, class: "name" }, title(place)),
      about,
      make("div", { class: "control" }, control.main, control.beside ?? []),
      slot,
    ),
    read: control.read,
    write: control.write,
    complain(keys, text) {
      control.main.setAttribute("aria-invalid", "true");
      return tell(slot, text);
    },
  };
}

const title = ({ label, deprecated }) => [label ?? "value", deprecated && make("span", { class: "tag" }, "deprecated")];
const details = ({ docs, deprecated }) => [
  docs && make("p", { class: "docs" }, prose(docs)),
  deprecated && make("p", { class: "docs" }, `Deprecated: ${deprecated}`),
];

function tell(slot, text) {
  slot.textContent = [slot.textContent, text].filter(Boolean).join("; ");
  return true;
}

function controlOf(context, place) {
  const { shape, def } = place.base;
  // Of numbers beyond those of JavaScript the choices are not known exactly.
  if (!place.base.text && place.base.limits.some(({ one_of }) => one_of)) return choiceOf(place.base.limits.flatMap(({ one_of }) => one_of ?? []), place);
  const made = CONTROLS[def?.is ?? shape.is] ?? CONTROLS.string;
  return made(context, place);
}

const CONTROLS = {
  bool: () => {
    const main = make("input", { type: "checkbox" });
    return { main, read: () => main.checked, write: (value) => (main.checked = value === true) };
  },
  const: (_, { base }) => {
    const main = make("output", {}, JSON.stringify(base.shape.value));
    return { main, read: () => base.shape.value, write: () => {} };
  },
  role: ({ protocol }, place) => choiceOf(protocol.roles.map(({ name }) => name), place),
  enum: (_, place) => choiceOf((place.base.def.variants ?? []).map(({ name }) => name), place),
  json: () => {
    const main = make("textarea", { rows: 4, spellcheck: false, class: "code", value: "null" });
    return {
      main,
      read: (path, problems) => parsed(main.value, path, problems),
      write: (value) => (main.value = JSON.stringify(value ?? null, null, 2)),
    };
  },
  bytes: (_, place) => bytesControl(place),
  uuid: (context, place) => textControl(place, { class: "code", spellcheck: false }, uuidButtons(context, place)),
  timestamp: (_, place) =>
    textControl(place, { placeholder: "2026-11-22T17:00:00Z" }, [["now", () => new Date().toISOString()]]),
  date: (_, place) => textControl(place, { type: "date" }),
  email: (_, place) => textControl(place, { inputMode: "email", autocomplete: "off" }),
  uri: (_, place) => textControl(place, { inputMode: "url", placeholder: "https://…" }),
  string: (_, place) => {
    const { limits, shape } = place.base;
    // An ordinary input has no lines.
    if (place.secret || shape.is !== "string" || limits.some(({ match }) => match !== undefined)) return textControl(place, {});
    const longest = Math.min(...limits.map(({ len }) => len?.max ?? Infinity));
    return textControl(place, {}, [], make("textarea", { rows: longest > 200 && !place.small ? 3 : 1 }));
  },
};
for (const name of ["u8", "u16", "u32", "i8", "i16", "i32", "u64", "i64", "f32", "f64", "duration"]) CONTROLS[name] = numberControl;

function textControl(place, properties, buttons = [], main = make("input", { type: place.secret ? "password" : "text" })) {
  Object.assign(main, { autocomplete: place.secret ? "new-password" : "off" }, properties, place.secret ? { type: "password" } : {});
  if (properties.class) main.className = properties.class;
  const beside = buttons.map(([text, value]) => button(text, () => (main.value = value() ?? main.value), { class: "fill" }));
  const shown = place.secret && button("show", () => {
    main.type = main.type === "password" ? "text" : "password";
    shown.setAttribute("aria-pressed", main.type === "text");
  }, { class: "fill", "aria-pressed": "false" });
  return {
    main,
    beside: [...beside, shown].filter(Boolean),
    // Of all types a string alone may be empty.
    read: () => (main.value === "" && place.base.shape.is !== "string" && !place.base.def ? undefined : main.value),
    write: (value) => (main.value = value ?? ""),
  };
}

function uuidButtons({ protocol, hints }, { type }) {
  const isIdentity = protocol.identity?.to !== undefined && type.to === protocol.identity.to;
  return [["new", newUuid], isIdentity && hints.me && ["me", hints.me]].filter(Boolean);
}

/** `crypto.randomUUID` is there on secure pages alone. */
function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function numberControl({ protocol }, place) {
  const { base, secret } = place;
  // Decimal text: a number of JavaScript would not hold it.
  if (base.text) return textControl(place, { inputMode: "numeric" });
  const isWhole = !["f32", "f64"].includes(base.shape.is);
  const { min, max } = protocol.bounds(base);
  const step = base.limits.find(({ multiple_of }) => multiple_of !== undefined)?.multiple_of;
  const main = make("input", { type: secret ? "password" : "number", step: step ?? (isWhole ? 1 : "any"), inputMode: isWhole ? "numeric" : "decimal" });
  if (min !== undefined) main.min = min;
  if (max !== undefined) main.max = max;
  const slider = !secret && min !== undefined && max !== undefined && max - min <= 1_000
    ? make("input", { type: "range", min, max, step: step ?? (isWhole ? 1 : (max - min) / 1_000), tabIndex: -1, "aria-hidden": "true" })
    : undefined;
  if (slider) {
    main.value = slider.value = Math.min(Math.max(0, min), max);
    slider.oninput = () => (main.value = slider.value);
    main.oninput = () => (slider.value = main.value);
  }
  return {
    main,
    beside: slider && [slider],
    read(path, problems) {
      if (main.validity.badInput) problems.push({ at: path, rule: "type", want: isWhole ? "integer" : "number" });
      return main.value === "" ? undefined : Number(main.value);
    },
    write(value) {
      main.value = value ?? "";
      if (slider) slider.value = value ?? min;
    },
  };
}

function choiceOf(values, place) {
  if (place.base.def?.open) {
    const list = make("datalist", { id: newId() }, values.map((value) => make("option", { value })));
    const control = textControl(place, { value: values[0] ?? "" });
    control.main.setAttribute("list", list.id);
    return { ...control, beside: [list] };
  }
  const main = make("select", {}, values.map((value, index) => make("option", { value: index }, String(value))));
  return {
    main,
    read: () => values[main.value],
    write: (value) => (main.value = Math.max(0, values.findIndex((known) => String(known) === String(value)))),
  };
}

function bytesControl(place) {
  const main = make("textarea", { rows: 2, spellcheck: false, class: "code" });
  const kind = make("select", { "aria-label": "written as" }, ["hex", "text", "base64"].map((name) => make("option", {}, name)));
  const file = make("input", {
    type: "file",
    "aria-label": "bytes of a file",
    onchange: async () => {
      if (!file.files[0]) return;
      kind.value = "hex";
      main.value = hex(new Uint8Array(await file.files[0].arrayBuffer()));
    },
  });
  const bytes = {
    hex: (text) => {
      const digits = text.replace(/\s/g, "");
      return /^([0-9a-f]{2})*$/i.test(digits) ? Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)) : undefined;
    },
    text: (text) => new TextEncoder().encode(text),
    base64: (text) => {
      try {
        return Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
      } catch {
        return undefined;
      }
    },
  };
  return {
    main,
    beside: [kind, place.small ? undefined : file].filter(Boolean),
    read(path, problems) {
      const read = bytes[kind.value](main.value);
      if (!read) problems.push({ at: path, rule: "format", want: kind.value });
      return read && btoa(Array.from(read, (byte) => String.fromCharCode(byte)).join(""));
    },
    write(value) {
      kind.value = "hex";
      main.value = hex(bytes.base64(value ?? "") ?? []);
    },
  };
}

/** JSON that somebody wrote. */
export function parsed(text, path, problems) {
  try {
    return JSON.parse(text);
  } catch (error) {
    problems.push({ at: path, rule: "type", want: "JSON", got: error.message });
    return undefined;
  }
}
