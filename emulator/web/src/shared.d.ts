// The modules that this script hands to the second one; made by boot_later.go.
declare const shared: Record<string, () => unknown>;
export default shared;
