// Objects and what they run on, asked from inside and outside; see bed.js.

import { answer } from "./bed.js";
import { inside } from "./lab.js";
import * as rooms from "./rooms.js";
import alarms from "./alarms.js";
import classes from "./classes.js";
import clients from "./clients.js";
import ctx from "./ctx.js";
import files from "./files.js";
import ids from "./ids.js";
import kv from "./kv.js";
import { ofPairs as limitsOfPairs, ofRest as limitsOfRest } from "./limits.js";
import lives from "./lives.js";
import misuse from "./misuse.js";
import sockets from "./sockets.js";
import sql from "./sql.js";
import sqlErrors from "./sqlerrors.js";
import syncKv from "./synckv.js";
import transactions from "./transactions.js";
import web from "./web.js";
import webCrypto from "./webcrypto.js";
import webStreams from "./webstreams.js";

export { Lab, Old, Twin } from "./lab.js";
export { Bare, Fragile, Plain } from "./classes.js";
export { Ringing } from "./alarms.js";
export { Room } from "./rooms.js";
export { Kept } from "./files.js";

Object.assign(inside, { kv, syncKv, sql, sqlErrors, transactions, ctx, misuse, sockets, limits: { ...limitsOfPairs, ...limitsOfRest }, oldLimits: limitsOfPairs });

/** Questions that an object of its own is asked. */
const within = (binding, group) => Object.fromEntries(Object.keys(inside[group]).map((name) => [
  name, (env) => env[binding].getByName(crypto.randomUUID()).ask(group, name),
]));

/** Rude input that concerns pairs. */
const aboutPairs = /^(key|value|pair|alarm|list|transaction|sql|sync)/;
const ofPairs = (questions) => Object.fromEntries(Object.entries(questions).filter(([name]) => aboutPairs.test(name)));

const groups = {
  classes, ctx: within("LAB", "ctx"), kv: within("LAB", "kv"), oldKv: within("OLD", "kv"), syncKv: within("LAB", "syncKv"),
  sql: within("LAB", "sql"), sqlErrors: within("LAB", "sqlErrors"), transactions: within("LAB", "transactions"),
  alarms, ids, sockets: within("LAB", "sockets"), clients, lives, misuse: within("LAB", "misuse"), oldMisuse: ofPairs(within("OLD", "misuse")),
  limits: within("LAB", "limits"), oldLimits: within("OLD", "oldLimits"), web, webCrypto, webStreams, files,
};

export default {
  async fetch(request, env, ctx) {
    return (await answer(request, groups, [env, ctx])) ?? rooms.route(request, env);
  },
};
