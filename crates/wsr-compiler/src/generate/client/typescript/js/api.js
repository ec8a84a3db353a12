/** What messages fail with: `error` says why, told apart by its `code`; a declared error has the code `refused`. */
export class Refused extends Error {
    error;
    /** The message, by its name on the wire. */
    of;
    constructor(of, error, options) {
        super(`${of}: ${describe(error)}`, options);
        this.name = "Refused";
        this.of = of;
        this.error = error;
    }
}
function describe(error) {
    const { code, kind, violations } = error;
    const first = violations?.[0];
    if (first !== undefined)
        return `${code}: ${first.at}: ${first.rule}: want ${first.want}, got ${first.got}`;
    return typeof kind === "string" ? `${code}: ${kind}` : code;
}
export function isRefused(thrown, message) {
    return thrown instanceof Refused && (message === undefined || thrown.of === message.wire);
}
/** A declared error in place of an answer; made by `decline`. */
export class Declined {
    error;
    constructor(error) {
        this.error = error;
    }
}
