import { rows } from "./rows";

export * from "./objects";
/** GET / lists the rows, GET /ID runs the probe of one: 200, or 500 and why. */
export default {
  async fetch(request, env, ctx) {
    const id = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (id === "") return Response.json(Object.keys(rows));
    try {
      await rows[id]({ env, ctx, request });
      return new Response("ok");
    } catch (error) {
      return new Response(`${error?.stack ?? error}`, { status: 500 });
    }
  },
};
