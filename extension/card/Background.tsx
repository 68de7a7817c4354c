import type { RequestView } from '@countersign/shared/contracts';
import { language, say } from '../words/say.ts';
import { Labels } from './Payload.tsx';
import { rowsOf } from './rows.ts';
import { Value } from './Value.tsx';

/** What is there for who wants to know more: the context, the raw arguments, how the request came about. */
export function Background({ request }: { request: RequestView }) {
  const context = request.context ? rowsOf(request.context, language()) : [];
  return (
    <>
      {context.length > 0 && (
        <details>
          <summary>
            {say(request.context_trusted ? 'context_trusted' : 'context_claimed', context.length)}
          </summary>
          <dl class="payload">
            {context.map((row) => (
              <div key={row.path} class="line">
                <dt>
                  <Labels labels={row.labels} />
                </dt>
                <dd>
                  <Value shown={row.shown} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <details>
        <summary>{say('raw_arguments')}</summary>
        {/* JSON escapes do not cover bidirectional controls: they are escaped here, so that raw stays raw. */}
        <pre class="raw">{escaped(JSON.stringify(request.args, null, 2))}</pre>
        <p class="raw">{request.args_digest}</p>
      </details>
      <details>
        <summary>{say('about_request')}</summary>
        <dl class="payload">
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

function escaped(json: string): string {
  return json.replaceAll(/[^\n\x20-\x7e\p{L}\p{N}\p{P}\p{S}]/gu, (character) => {
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
