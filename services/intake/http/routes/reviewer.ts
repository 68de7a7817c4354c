/** The reviewer's calls on one request. */
import {
  Claim,
  Decide,
  EditPreview,
  PreviewEdit,
  type ProblemCode,
  RequestView,
  Revoke,
  Undo,
  View,
} from '@countersign/shared/contracts';
import type { z } from 'zod';
import type { Command } from '../../lifecycle/command.ts';
import { act } from '../../requests/act.ts';
import { decideRequest, previewEdit } from '../../requests/decide.ts';
import { viewForReviewer } from '../../requests/view.ts';
import type { Transacted } from '../../store/transact.ts';
import type { Call, Routes } from '../route.ts';

const seen = { 200: { description: 'The request as it now stands.', schema: RequestView } };

async function answer(
  done: Transacted,
  { service, caller, c }: Pick<Call<unknown, unknown>, 'service' | 'caller' | 'c'>,
) {
  if (!done.ok) return done.problem;
  return c.json(await viewForReviewer(service, caller, done.loaded, done.current));
}

/** Mounts them. */
export function reviewerRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/decision',
      summary: 'Approve, edit and approve, or reject what was seen.',
      roles: ['reviewer'],
      body: Decide,
      answers: seen,
      problems: [
        'not_found',
        'not_your_request',
        'already_decided',
        'stale',
        'edit_invalid',
        'edit_denied',
        'confirmation_missing',
        'grant_not_allowed',
        'too_busy',
      ],
    },
    async (call) => answer(await decideRequest(call.service, call.caller, call.id, call.body), call),
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/decision/preview',
      summary: 'What policy says about an edit. Changes nothing.',
      roles: ['reviewer'],
      body: PreviewEdit,
      answers: { 200: { description: 'What would become of it.', schema: EditPreview } },
      problems: ['not_found', 'not_your_request'],
    },
    async ({ service, caller, id, body, c }) => {
      const preview = await previewEdit(service, caller, id, body.args);
      return 'ok' in preview ? c.json(preview) : preview;
    },
  );

  command('view', 'Say that the request was opened.', View, ['reviewer'], [], (reviewer, body) => ({
    kind: 'view',
    reviewer,
    ...(body.seen === undefined ? {} : { seen: body.seen }),
  }));
  command(
    'claim',
    '“I’m on it”, for five minutes; `release` lets go.',
    Claim,
    ['reviewer'],
    ['already_claimed', 'already_decided'],
    (reviewer, body) => ({
      kind: 'claim',
      reviewer,
      release: body.release ?? false,
    }),
  );
  command(
    'undo',
    'Take an approval back while it is held.',
    Undo,
    ['reviewer'],
    ['nothing_to_undo', 'already_decided'],
    (reviewer, body) => ({
      kind: 'undo',
      reviewer,
      ...(body.reason === undefined ? {} : { reason: body.reason }),
    }),
  );
  command(
    'revoke',
    'Take an approval, or the leave to run under review, back before it runs.',
    Revoke,
    ['reviewer'],
    ['not_approved', 'already_decided', 'token_consumed'],
    (reviewer, body) => ({
      kind: 'revoke',
      reviewer,
      ...(body.reason === undefined ? {} : { reason: body.reason }),
    }),
  );

  /** A call that is one command of the lifecycle by the calling reviewer. */
  function command<B extends z.ZodType>(
    name: string,
    summary: string,
    body: B,
    roles: readonly ['reviewer'],
    problems: readonly ProblemCode[],
    commandFor: (reviewer: string, body: z.infer<B>) => Command,
  ): void {
    const path = `/v1/requests/{id}/${name}`;
    routes.add(
      {
        method: 'post',
        path,
        summary,
        roles,
        body,
        answers: seen,
        problems: ['not_found', 'not_your_request', ...problems],
      },
      async (call) => {
        const { service, caller, id } = call;
        const done = await act(service, caller, id, () =>
          commandFor(caller.key.owner, call.body as z.infer<B>),
        );
        return answer(done, call);
      },
    );
  }
}
