// The host functions of this folder.

import { host } from "../host";
import type { NodeHost } from "../host/node";

export const nodeHost = host as unknown as NodeHost;
