// The values of process.env, apart from process so that setting them does not
// make it.

export const environment: Record<string, string> = {};

// setEnvironment gives process.env its values: the Worker's text bindings.
export function setEnvironment(values: Record<string, string>): void {
  Object.assign(environment, values);
}
