// Installs the web platform in an isolate and answers the entries that Go
// calls. Order matters only where a file says so: errors and the language come
// first because everything after them may use them.

import "./errors";
import "./language";
import "./codegen";
import "./json";
import { entries, registerEntry } from "./frame";
import { makeError } from "./makeerror";
import { fail, settle } from "./ops";
import "./globals";
import "./words";
import "./clock";
import "./timers";
import "./report";
import "./console";
import "./navigator";
import "./base64";
import "./encoding";
import "./urlsearchparams";
import "./url";
import "./structured-clone";
import "./messagechannel";
import "./lazy";
import "./wasm-load";
import "./locale";

registerEntry({ makeError, settle, fail });

// ---- bodies, streams and fetch ----

import "./streams/strategies";
import "./streams/identity";
import "./streams/compression";
import "./encoding-streams";
import "./fetch";

// ---- sockets ----

import "./websocket";

// ---- node modules ----

import "./node/index";

export { entries };
