import type { RequestView } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { spokenClaim } from './claims.ts';
import { Plain } from './Plain.tsx';

/** What policy knows of the tool; and, marked as such, whom the agent says it affects. */
export function Facts({ request }: { request: RequestView }) {
  const { reversible, sensitivity, compensation } = request.tool_facts;
  const affected = spokenClaim(request.preview?.affected);
  return (
    <div class="facts">
      <div class={reversible === false ? 'fact warn' : 'fact'}>
        <span>{say('fact_reversible')}</span>
        <b>
          {reversible === undefined
            ? say('reversible_unknown')
            : reversible
              ? compensation
                ? say('reversible_by', compensation)
                : say('yes')
              : say('reversible_no')}
        </b>
      </div>
      {sensitivity !== undefined && (
        <div class="fact">
          <span>{say('fact_sensitivity')}</span>
          <b>{sensitivity}</b>
        </div>
      )}
      {affected.length > 0 && (
        <div class="fact said">
          <span>{say('fact_affected')}</span>
          <b>
            {affected.map((text, i) => (
              <div key={i}>
                <Plain text={text} />
              </div>
            ))}
          </b>
        </div>
      )}
    </div>
  );
}
