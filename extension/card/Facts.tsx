import type { RequestView } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';

/** What policy knows of the tool. What the agent claims of it stands in the agent's own box. */
export function Facts({ request }: { request: RequestView }) {
  const { reversible, sensitivity, compensation } = request.tool_facts;
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
    </div>
  );
}
