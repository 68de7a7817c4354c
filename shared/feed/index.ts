export * from './consumer.ts';
export * from './event.ts';
export * from './wakeable.ts';
