// TextEncoderStream and TextDecoderStream, Encoding Standard §7.5 and §7.6.

import { requireDictionary } from "./brand";
import { expose } from "./frame";
import { TextDecoder } from "./encoding";
import { utf8Encode } from "./utf8";
import { asBytes } from "./streams/shared";
import { Ends, TransformCore, TransformStream } from "./streams/transform";

const highSurrogateAtEnd = /[\ud800-\udbff]$/;

function encoderEnds(): Ends {
  const core = new TransformCore();
  let pending = "";
  const give = (text: string) => {
    if (text !== "") core.enqueue(utf8Encode(text));
  };
  core.begin({
    transform: (chunk) => {
      let text = pending + String(chunk);
      pending = "";
      if (highSurrogateAtEnd.test(text)) {
        pending = text.slice(-1);
        text = text.slice(0, -1);
      }
      give(text);
    },
    flush: () => give(pending && "\ufffd"),
  });
  return new Ends(core.readable, core.writable);
}

export class TextEncoderStream extends TransformStream {
  constructor() {
    super(encoderEnds() as never);
  }

  get encoding(): string {
    return "utf-8";
  }
}

function decoderEnds(decoder: TextDecoder): Ends {
  const core = new TransformCore();
  const give = (text: string) => {
    if (text !== "") core.enqueue(text);
  };
  core.begin({
    transform: (chunk) => {
      const bytes = asBytes(chunk);
      if (bytes === undefined) {
        throw new TypeError(
          "This TransformStream is being used as a byte stream, but received an object of " +
            "non-ArrayBuffer/ArrayBufferView type on its writable side.",
        );
      }
      give(decoder.decode(bytes, { stream: true }));
    },
    flush: () => give(decoder.decode()),
  });
  return new Ends(core.readable, core.writable);
}

export class TextDecoderStream extends TransformStream {
  readonly #decoder: TextDecoder;

  constructor(label = "utf-8", options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    requireDictionary(options, "TextDecoderStream", 2, "TextDecoderStreamInit");
    const decoder = new TextDecoder(label, options);
    super(decoderEnds(decoder) as never);
    this.#decoder = decoder;
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
}

expose("TextEncoderStream", TextEncoderStream);
expose("TextDecoderStream", TextDecoderStream);
