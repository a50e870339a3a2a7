// What every bed answers by: GET /list lists its questions, /run?name=GROUP.NAME asks one.
//
// A question is a function of a context, whose outcome is the answer, or a list of steps that a client outside takes.

import { outcome } from "./show.js";

/** Answers a request, undefined when it is none of the bed's own. */
export async function answer(request, groups, context) {
  const url = new URL(request.url);
  if (url.pathname === "/list") return Response.json(Object.entries(groups).flatMap(([group, questions]) => list(group, questions)));
  if (url.pathname !== "/run") return undefined;
  const [, group, name] = /^(.*?)\.(.*)$/.exec(url.searchParams.get("name"));
  return Response.json(await outcome(() => groups[group][name](...context)));
}

function list(group, questions) {
  return Object.entries(questions).map(([name, question]) => {
    const steps = typeof question === "function" ? undefined : question;
    return { name: `${group}.${name}`, steps };
  });
}
