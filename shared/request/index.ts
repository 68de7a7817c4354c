export * from './changes.ts';
export * from './grant.ts';
export * from './ladder.ts';
export * from './load.ts';
export * from './payload.ts';
export * from './quorum.ts';
export * from './record.ts';
export * from './view.ts';
