// What compiles against a generated client, and what does not: each `@ts-expect-error` has to stand above an error.

import { connect, isRefused, type Client, type ErrorOf, type PayloadOf, type ValueOf } from "./generated/studio/client.js";
import { connect as transcripts } from "./generated/transcripts-client/client.js";

const studio: Client = connect(async () => "ws://127.0.0.1/ws", {
  signIn: async (studio) => {
    await studio.accounts.login({ username: "ann", password: "correct horse" });
  },
  offline: "keep_newest",
  queue: 8,
});

export async function right(): Promise<void> {
  const session: AccountsSessionLike = await studio.accounts.login({ username: "ann", password: "correct horse", as: "mixer" });
  const { roles } = session;
  const role: "listener" | "mixer" | "decoder" | undefined = roles[0];
  void role;
  await studio.accounts.logout();
  await studio.accounts.logout({}, { timeout: 100 });
  const nothing: undefined = await studio.chat.send({ room: "lobby", text: "hi" }, { timeout: undefined });
  void nothing;
  await studio.mixer.volume_up({ channel: 1 });
  const { step } = turned;
  void step;
  for await (const { at, by } of studio.log.read()) void [at, by];
  for await (const { data } of studio.stream.frame) data.subarray(1);
  const room = await studio.chat.rooms("lobby").join();
  const line: string | undefined = room.reply.lines[0]?.text;
  void line;
  for (const { who } of room.members) who.toUpperCase();
  room.on("joined", ({ who }) => who.toUpperCase());
  await room.leave();
  const off: () => void = studio.chat.posted.on(({ text }, { offset }) => void [text, offset]);
  off();
  studio.chat.invitation.answer(async ({ room }, { signal }) => ({ coming: !signal.aborted && room === "lobby" }));
  studio.poll_flow.on(({ state }) => state === "voting");
  transcripts().work.confirm.answer(() => ({ sure: true }));
}

declare const turned: PayloadOf<typeof studio.mixer.volume_up>;
type AccountsSessionLike = ValueOf<typeof studio.accounts.login>;

export function errors(thrown: unknown, failed: ErrorOf<typeof studio.mixer.volume_up>): number | string {
  if (failed.code === "refused") return failed.level;
  if (failed.code === "invalid_payload") return failed.violations.length;
  if (failed.code === "timeout") return failed.after_ms;
  if (isRefused(thrown, studio.chat.invite) && thrown.error.code === "refused") {
    switch (thrown.error.kind) {
      case "not_a_member":
      case "not_here":
      case "no_answer":
        return thrown.error.kind;
    }
  }
  if (isRefused(thrown)) return thrown.error.code;
  return studio.state.name === "waiting" ? studio.state.in_ms : studio.state.name;
}

export async function results(): Promise<number> {
  const result = await studio.mixer.volume_up.try({ channel: 1 });
  if (result.ok) return result.value.level;
  return result.error.code === "refused" ? result.error.level : 0;
}

export async function wrong(thrown: unknown): Promise<void> {
  // @ts-expect-error a field is missing
  await studio.chat.send({ room: "lobby" });
  // @ts-expect-error a field that there is not
  await studio.chat.send({ room: "lobby", text: "hi", colour: "red" });
  // @ts-expect-error another type
  await studio.chat.send({ room: "lobby", text: 1 });
  // @ts-expect-error no such variant
  await studio.presence.set({ status: "asleep" });
  // @ts-expect-error nothing may be left out of it
  await studio.chat.send();
  // @ts-expect-error it carries nothing
  await studio.accounts.logout({ now: true });
  // @ts-expect-error no such message
  await studio.chat.shout({ text: "hi" });
  // @ts-expect-error a stream is no promise
  (await studio.log.read()).at;
  // @ts-expect-error an event cannot be sent
  await studio.chat.posted({ text: "hi" });
  // @ts-expect-error a topic of another type
  studio.stream.audio("loud");
  // @ts-expect-error no message leaves it alone
  await studio.stream.audio("low").leave();
  // @ts-expect-error nobody is present there
  void studio.chat.typing_topic("lobby").members;
  // @ts-expect-error an answer of another type
  studio.chat.invitation.answer(() => ({ coming: "perhaps" }));
  // @ts-expect-error what came cannot be changed
  studio.chat.posted.on((event) => (event.text = ""));
  if (isRefused(thrown, studio.chat.invite) && thrown.error.code === "refused") {
    // @ts-expect-error no such error
    if (thrown.error.kind === "wrong_password") return;
  }
  const result = await studio.mixer.volume_up.try({ channel: 1 });
  // @ts-expect-error whether it went well has to be asked
  result.value;
  // @ts-expect-error no such policy
  connect("ws://127.0.0.1/ws", { offline: "perhaps" });
  // @ts-expect-error nothing is told so
  studio.on("opened", () => {});
}
