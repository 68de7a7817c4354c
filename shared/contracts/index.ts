/** The HTTP contract: schemas that the server validates with, clients type against and OpenAPI is generated from. */
export * from './admin.ts';
export * from './batch.ts';
export * from './decide.ts';
export * from './delivery.ts';
export * from './discontinuity.ts';
export * from './grant.ts';
export * from './json.ts';
export * from './names.ts';
export * from './preferences.ts';
export * from './problem.ts';
export * from './propose.ts';
export * from './question.ts';
export * from './request-view.ts';
export * from './routing.ts';
export * from './run.ts';
export * from './stream.ts';
export * from './version.ts';
