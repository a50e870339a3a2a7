import { rows } from "./rows";

export * from "./objects";
/** GET / lists the rows, GET /ID runs the probe of one: 200, or 500 and why. */
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const id = decodeURIComponent(pathname.slice(1));
    if (searchParams.has("call")) return call(env, searchParams, request);
    if (id === "") return Response.json(Object.keys(rows));
    try {
      await rows[id]({ env, ctx, request });
      return new Response("ok");
    } catch (error) {
      return new Response(`${error?.stack ?? error}`, { status: 500 });
    }
  },
};

/** ?call=METHOD&on=BINDING&args=JSON calls an object; method "fetch" sends it the request. */
async function call(env, params, request) {
  const stub = env[params.get("on")].getByName("called");
  const method = params.get("call");
  if (method === "fetch") return stub.fetch(request);
  return Response.json((await stub[method](...JSON.parse(params.get("args") ?? "[]"))) ?? null);
}
