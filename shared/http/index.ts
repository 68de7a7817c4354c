/** How every service answers over HTTP: calls declared once, one shape of failure, bodies read strictly. */
export { answerProblem } from './answer.ts';
export { bytesOf, maxBody } from './body.ts';
export { type Env, type Fetch, headerOf } from './context.ts';
export type { CallFacts, Method } from './facts.ts';
export { ledgerCalls } from './ledger-calls.ts';
export { isOutage } from './outage.ts';
export { type Call, type OnCall, type Routes, type RoutesOptions, routesOn } from './route.ts';
