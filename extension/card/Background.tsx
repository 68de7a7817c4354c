import type { RequestView } from '@countersign/shared/contracts';
import { type Mask, rowsOf, tailOf, valueAt, whenText } from '@countersign/shared/plain';
import { language, say } from '../words/say.ts';
import { Covered } from './Covered.tsx';
import type { Looks } from './looks.ts';
import { Labels } from './Payload.tsx';
import { RawArguments } from './RawArguments.tsx';
import { Value } from './Value.tsx';

type Props = { request: RequestView; me: string; mask: Mask; looks: Looks };

/** What is there for who wants to know more: the context, the raw arguments, how the request came about. */
export function Background({ request, me, mask, looks }: Props) {
  const context = request.context ? rowsOf(request.context, language()) : [];
  const others = request.viewed_by.filter((who) => who !== me);
  return (
    <>
      {context.length > 0 && (
        <details data-section="background">
          <summary>
            {say(request.context_trusted ? 'context_trusted' : 'context_claimed', context.length)}
          </summary>
          <dl class="payload">
            {context.map((row) => {
              const value = valueAt(request.context, row.at);
              // A path of its own, or uncovering an argument would uncover what the context calls the same.
              const key = `context ${row.path}`;
              return (
                <div key={row.path} class="line">
                  <dt>
                    <Labels labels={row.labels} />
                  </dt>
                  <dd>
                    {mask(row.at, value) && !looks.uncovered.has(key) ? (
                      <Covered
                        tail={tailOf(row.at, value)}
                        label={row.labels.join(' ')}
                        onUncover={() => looks.uncover(key)}
                      />
                    ) : (
                      <Value shown={row.shown} />
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
        </details>
      )}
      <RawArguments request={request} looks={looks} />
      <details data-section="background">
        <summary>
          {say('about_request')}
          {others.length > 0 && ` · ${say('also_viewed', others.join(', '))}`}
        </summary>
        <dl class="payload">
          {request.status === 'pending' && (
            <Line label={say('about_deadline')} text={deadlineText(request)} />
          )}
          <Line label={say('about_tool')} text={request.tool} />
          <Line label={say('about_request_id')} text={request.id} />
          {request.run_id !== undefined && <Line label={say('about_run')} text={request.run_id} />}
          {request.requested_by !== undefined && (
            <Line label={say('about_requested_by')} text={request.requested_by} />
          )}
          <Line label={say('about_policy')} text={request.policy_digest} />
          {request.viewed_by.length > 0 && (
            <Line label={say('about_viewed')} text={request.viewed_by.join(', ')} />
          )}
        </dl>
      </details>
    </>
  );
}

/** When nobody decides, and what that means for the agent. */
function deadlineText({ expires_at, on_rejection }: RequestView): string {
  if (expires_at === null) return say('deadline_never');
  const when = whenText({ at: Date.parse(expires_at), day: false }, language());
  return say(on_rejection === 'fail' ? 'deadline_fails' : 'deadline_continues', when);
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <div class="line">
      <dt>{label}</dt>
      <dd>
        <Value shown={{ kind: 'text', text }} />
      </dd>
    </div>
  );
}
