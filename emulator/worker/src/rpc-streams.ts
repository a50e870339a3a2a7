// Streams in a call: a readable one as a pipe, a writable one as something to
// call.

import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { wait } from "web/ops";
import { sendStream } from "web/payload";
import { errorParts, type PipeRules } from "web/pipes";
import { responseFromHost } from "web/response";
import { coreOf, ReadableStream } from "web/streams/readable";
import { asBytes, handled } from "web/streams/shared";
import { WritableStream, writableCoreOf } from "web/streams/writable";
import { utf8Encode } from "web/utf8";
import { host, type Body } from "./host";
import { exportTarget, Members, StubCore } from "./rpc-stub";

const tags = { readable: 110, writable: 115 };

const bytesOf = (chunk: unknown) => (typeof chunk === "string" ? utf8Encode(chunk) : asBytes(chunk));

// ---- readable ----

const disconnected = "ReadableStream received over RPC disconnected prematurely.";

const rules: PipeRules = {
  bytes: bytesOf,
  failed: () => errorParts(new Error(disconnected)),
  abrupt: true,
  gone: disconnected,
  cancelled: () => new Error("Network connection lost."),
};

registerHostType(ReadableStream, (stream: ReadableStream, mode): Described => {
  if (mode !== Mode.RPC) return "ReadableStream can only be serialized for RPC.";
  const core = coreOf(stream);
  if (core.locked) return "TypeError|The ReadableStream has been locked to a reader.";
  const { data, pipe } = sendStream(core, rules);
  return [tags.readable, [data, pipe]];
});

registerReviver(tags.readable, ([data, pipe]: [Body, number]) => responseFromHost(200, "", "", data, pipe, "").body);

// ---- writable ----

const abandoned = () =>
  Object.assign(new Error("WritableStream received over RPC was disconnected because the remote execution context has ended."), { retryable: true });

/** What the other side did not get done; a value, since what is thrown in a call arrives changed. */
interface Outcome {
  error?: unknown;
}

registerHostType(WritableStream, (stream: WritableStream, mode): Described => {
  if (mode !== Mode.RPC) return "WritableStream can only be serialized for RPC.";
  const core = writableCoreOf(stream);
  if (core.locked) return "TypeError|This WritableStream is currently locked to a writer.";
  const writer = core.acquire();
  let closed = false;
  const outcome = (done: Promise<unknown>): Promise<Outcome> => done.then(() => ({}), (error) => ({ error }));
  const sink = {
    write: (chunk: ArrayBuffer) => outcome(writer.write(chunk)),
    close() {
      closed = true;
      return outcome(writer.close());
    },
  };
  const cap = exportTarget(sink, Members.Own, true, () => {
    if (!closed) handled(writer.abort(abandoned()));
  });
  return [tags.writable, [host.isolate(), cap]];
});

const noBytes =
  "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.";

// It is not one of the stubs that end with the call: it lasts until it is
// closed, or whoever received it is gone.
registerReviver(tags.writable, ([isolate, cap]: [number, number]) => {
  const core = new StubCore(isolate, cap, host.capReceive(isolate, cap));
  const call = async (method: string, ...args: unknown[]) => {
    const { error } = await wait<Outcome>(core.start([method], true, args));
    if (error !== undefined) throw error;
  };
  return new WritableStream({
    async write(chunk, controller) {
      const bytes = bytesOf(chunk);
      if (bytes === undefined) throw new TypeError(noBytes);
      if (bytes.byteLength === 0) return;
      try {
        await call("write", bytes.slice().buffer);
      } catch (error) {
        controller.error(new TypeError("This WritableStream has been closed."));
        throw error;
      }
    },
    async close() {
      await call("close");
      core.dispose();
    },
    abort: () => core.dispose(),
  });
});
