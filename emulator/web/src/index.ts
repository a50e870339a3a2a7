// Installs the web platform in an isolate and answers the entries that Go
// calls. Order matters only where a file says so: errors come first because
// everything after them may throw.

import "./errors";
import { entries, expose, registerEntry, registerHostType, registerReviver } from "./frame";
import { DOMException, domExceptionTag, reviveDOMException } from "./domexception";
import { makeError } from "./makeerror";
import { fail, settle } from "./ops";

expose("DOMException", DOMException);
registerHostType(DOMException, ({ name, message, stack }) => [domExceptionTag, { name, message, stack }]);
registerReviver(domExceptionTag, reviveDOMException);
registerEntry({ makeError, settle, fail });

// ---- bodies, streams and fetch: installed by the files that own them ----

// ---- node modules: registered by the files under node/ ----

export { entries };
