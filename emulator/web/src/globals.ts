// The global object itself: its classes, and the events it can see.

import { AbortController, AbortSignal } from "./abort";
import { DOMException, domExceptionTag, reviveDOMException } from "./domexception";
import {
  CloseEvent, CustomEvent, ErrorEvent, Event, EventTarget, ExtendableEvent, MessageEvent, PromiseRejectionEvent,
  ServiceWorkerGlobalScope, WorkerGlobalScope,
} from "./events";
import { defineOwnGlobal, expose, registerHostType, registerReviver, scope } from "./frame";

expose("DOMException", DOMException);
registerHostType(DOMException, ({ name, message, stack }) => [domExceptionTag, [name, message, stack]]);
registerReviver(domExceptionTag, reviveDOMException);

const events = { Event, CustomEvent, MessageEvent, CloseEvent, ErrorEvent, PromiseRejectionEvent, ExtendableEvent };
for (const [name, constructor] of Object.entries(events)) expose(name, constructor);

// Further events of service worker syntax: they exist by name only.
for (const name of ["FetchEvent", "ScheduledEvent", "TailEvent", "TraceEvent"]) {
  expose(name, class extends ExtendableEvent {});
}

expose("AbortController", AbortController);
expose("AbortSignal", AbortSignal);
registerHostType(AbortSignal, () => "AbortSignal can only be serialized for RPC.");

// ServiceWorkerGlobalScope.prototype is the scope itself, above it those of
// WorkerGlobalScope and EventTarget.
expose("WorkerGlobalScope", WorkerGlobalScope);
expose("EventTarget", EventTarget);
delete scope.EventTarget;
Object.defineProperty(WorkerGlobalScope.prototype, "EventTarget", {
  value: EventTarget, writable: true, configurable: true,
});
Object.setPrototypeOf(scope, WorkerGlobalScope.prototype);
Object.defineProperty(ServiceWorkerGlobalScope, "prototype", { value: scope, writable: false });
Object.defineProperty(scope, "constructor", { value: ServiceWorkerGlobalScope, writable: true, configurable: true });
Object.setPrototypeOf(ServiceWorkerGlobalScope, WorkerGlobalScope);
Object.defineProperty(scope, Symbol.toStringTag, { value: "ServiceWorkerGlobalScope", configurable: true });

defineOwnGlobal("ServiceWorkerGlobalScope", ServiceWorkerGlobalScope);
defineOwnGlobal("self", globalThis);
defineOwnGlobal("global", globalThis);
defineOwnGlobal("origin", "null");
