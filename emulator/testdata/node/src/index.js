// Asks what node:crypto and node:zlib do: GET /run?name=NAME; GET /list lists the questions.

import { answer } from "./bed.js";
import { agree } from "./agree.js";
import { certificate } from "./certificate.js";
import { cipher } from "./cipher.js";
import { digest, misc, prime } from "./digest.js";
import { keys } from "./keyobject.js";
import { rsa } from "./rsa.js";
import { sign } from "./sign.js";
import { brotli, zlib, zstd } from "./zlib.js";

const groups = { agree, brotli, certificate, cipher, digest, keys, misc, prime, rsa, sign, zlib, zstd };

export default {
  async fetch(request) {
    return (await answer(request, groups, [])) ?? new Response("no such path", { status: 404 });
  },
};
