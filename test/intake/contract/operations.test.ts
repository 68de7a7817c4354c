import type { Schema } from '@cfworker/json-schema';
import { problems } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { faults } from '../described.ts';
import { onStage } from '../stage.ts';

const stage = onStage();
const get = (path: string, init: RequestInit = {}) => fetch(`${stage.intake.url}${path}`, init);

describe('the OpenAPI document', () => {
  type Found = { $ref: string; at: string };
  function refs(node: unknown, at = '#'): Found[] {
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node).flatMap(([key, value]) =>
      key === '$ref' && typeof value === 'string' ? [{ $ref: value, at }] : refs(value, `${at}/${key}`),
    );
  }
  const operations = () =>
    Object.entries(stage.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  test('is OpenAPI 3.1 in its shape', () => {
    const operation: Schema = {
      type: 'object',
      required: ['operationId', 'summary', 'responses'],
      properties: {
        operationId: { type: 'string', pattern: '^[a-z0-9_]+$' },
        parameters: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name', 'in', 'schema'],
            properties: { in: { enum: ['path', 'query', 'header'] } },
          },
        },
        requestBody: { type: 'object', required: ['content'] },
        responses: {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: '^[1-5][0-9]{2}$' },
          additionalProperties: { type: 'object', required: ['description'] },
        },
      },
    };
    const shape: Schema = {
      type: 'object',
      required: ['openapi', 'info', 'paths', 'components'],
      properties: {
        openapi: { pattern: '^3\\.1\\.\\d+$' },
        info: { type: 'object', required: ['title', 'version'] },
        paths: {
          type: 'object',
          propertyNames: { pattern: '^/' },
          additionalProperties: {
            type: 'object',
            propertyNames: { enum: ['get', 'post', 'put', 'delete'] },
            additionalProperties: operation,
          },
        },
        components: { type: 'object', required: ['schemas', 'securitySchemes'] },
      },
    };
    expect(
      faults({ ...stage.document, components: { schemas: {}, securitySchemes: {} } }, shape, stage.document),
    ).toEqual([]);
  });

  test('every reference resolves, and no component is left over', () => {
    const found = refs(stage.document);
    const { schemas } = stage.document.components;
    const wanted = new Set(found.map(({ $ref }) => $ref));
    expect(
      found.filter(({ $ref }) => !Object.hasOwn(schemas, $ref.replace('#/components/schemas/', ''))),
    ).toEqual([]);
    expect(Object.keys(schemas).filter((name) => !wanted.has(`#/components/schemas/${name}`))).toEqual([]);
  });

  test('operations have names of their own, and every part of a path is a parameter', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const given = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(given.map(({ name, required }) => [name, required])).toEqual(parts.map((name) => [name, true]));
    }
  });

  test('every call of the contract is in it, and what it lists answers', async () => {
    const listed = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    for (const call of [
      'POST /v1/requests',
      'GET /v1/requests',
      'GET /v1/requests/{id}',
      ...['cancel', 'outcome', 'decision', 'decision/preview', 'view', 'claim', 'undo', 'revoke'].map(
        (verb) => `POST /v1/requests/{id}/${verb}`,
      ),
      'POST /v1/tokens/consume',
      'GET /v1/queue',
      'GET /v1/stream',
      'POST /v1/pair',
      'POST /v1/push-subscriptions',
      'DELETE /v1/push-subscriptions',
      ...['keys', 'people', 'destinations', 'freeze'].flatMap((name) => [
        `POST /v1/${name}`,
        `GET /v1/${name}`,
        `DELETE /v1/${name}/{id}`,
      ]),
      ...['/healthz', '/readyz', '/metrics', '/.well-known/jwks.json', '/openapi.json'].map(
        (path) => `GET ${path}`,
      ),
    ])
      expect(listed).toContain(call);
    for (const { method, path } of operations()) {
      const { status, headers } = await get(path.replace('{id}', 'none'), { method: method.toUpperCase() });
      const isOpen = stage.document.paths[path]?.[method]?.security?.length === 0;
      if (isOpen) expect([path, status < 500]).toEqual([path, true]);
      else expect([path, status, headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
    }
  });

  test('keyed calls say how to send the key', () => {
    expect(stage.document.security).toEqual([{ key: [] }]);
    expect(stage.document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  test('a proposal’s 202 says where Location is', () => {
    expect(stage.document.paths['/v1/requests']?.post?.responses['202']?.headers).toHaveProperty('Location');
  });
});

describe('for operators', () => {
  test('healthz and readyz need no key', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' });
  });

  test('readyz is 503 with the reason when the active policy can not be read', async () => {
    const state = 'cs:{default}:state';
    const digest = (await stage.redis.hget(state, 'policy')) ?? '';
    await stage.redis.hset(state, 'policy', 'sha256:gone');
    try {
      const response = await get('/readyz');
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        code: 'not_ready',
        detail: expect.stringContaining('default'),
      });
      const { status, code } = await stage.propose({ tool: 'a.b', args: {} });
      expect([status, code]).toEqual([503, 'not_ready']);
    } finally {
      await stage.redis.hset(state, 'policy', digest);
    }
    expect((await get('/readyz')).status).toBe(200);
  });

  test('metrics count what waits and how long calls take', async () => {
    await stage.ask('a.write', { n: 1 });
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await response.text();
    expect(text).toMatch(/^countersign_pending_requests\{workspace="default"\} 1$/m);
    expect(text).toMatch(/^countersign_oldest_due_timer_seconds\{workspace="default"\} 0$/m);
    expect(text).toMatch(
      /^countersign_http_request_duration_seconds_count\{method="POST",route="\/v1\/requests",status="202"\} 1$/m,
    );
  });

  test('the signing keys are public, cacheable and hold nothing private', async () => {
    const response = await get('/.well-known/jwks.json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=240');
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    expect(keys).toHaveLength(2);
    for (const key of keys)
      expect(key).toMatchObject({
        kty: 'OKP',
        crv: 'Ed25519',
        kid: expect.any(String),
        x: expect.any(String),
      });
    for (const key of keys) expect(key).not.toHaveProperty('d');
  });
});

describe('addresses', () => {
  test('an unknown one is 404, a known one with another method 405 that names those it takes', async () => {
    const nowhere = await get('/v1/nothing');
    expect([nowhere.status, nowhere.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    const put = await get('/v1/requests', { method: 'PUT' });
    expect(put.status).toBe(405);
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await put.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  test('a browser’s preflight is answered, and its calls may be read', async () => {
    const headers = { origin: 'chrome-extension://abc', 'access-control-request-method': 'POST' };
    const preflight = await get('/v1/requests', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const refused = await get('/v1/queue', { headers: { origin: 'https://example.com' } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
  });
});

test('every code has a status of the contract and a sentence for a title', () => {
  for (const [code, [status, title]] of Object.entries(problems)) {
    expect(code).toMatch(/^[a-z]+(_[a-z0-9]+)*$/);
    expect([400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]).toContain(status);
    expect(title).toMatch(/^[A-Z].*\.$/);
  }
});
