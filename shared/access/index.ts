/** What an API key is, and what its roles let it do: the pure part, for every service that answers callers. */
export * from './api-key.ts';
export * from './roles.ts';
