// Binary payloads: a tag, then the fields in their order, little-endian.

const NUMBERS = {
  u8: ["getUint8", 1], i8: ["getInt8", 1], u16: ["getUint16", 2], i16: ["getInt16", 2], u32: ["getUint32", 4], i32: ["getInt32", 4],
  f32: ["getFloat32", 4], f64: ["getFloat64", 8], u64: ["getBigUint64", 8], i64: ["getBigInt64", 8],
  duration: ["getBigUint64", 8], timestamp: ["getBigInt64", 8],
};

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** What stands in the fields of an event, as people read it; undefined where the bytes are not what is declared. */
export function decoded(protocol, event, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const read = (type) => {
    const { shape, def } = protocol.base(type);
    if (def) return def.variants?.[take(1)[0]]?.name;
    if (shape.is === "bool") return take(1)[0] === 1;
    if (shape.is === "role") return protocol.roles[take(1)[0]]?.name;
    if (shape.is === "uuid") return hex(take(16)).replaceAll(" ", "").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    if (shape.is === "string") return new TextDecoder().decode(take(bytes.length - at));
    if (shape.is === "bytes") return inShort(take(bytes.length - at));
    const [method, length] = NUMBERS[shape.is];
    const value = view[method](at, true);
    at += length;
    if (shape.is === "timestamp") return new Date(Number(value)).toISOString();
    return typeof value === "bigint" ? String(value) : value;
  };
  try {
    return Object.fromEntries((event.fields ?? []).map(({ name, type }) => [name, read(type)]));
  } catch {
    return undefined;
  }
}

/** The first bytes, and how many there are. */
export const inShort = (bytes) => `${hex(bytes.subarray(0, 16))}${bytes.length > 16 ? " …" : ""} (${bytes.length} bytes)`;
