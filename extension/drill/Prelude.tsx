import type { DrillResult } from '@countersign/shared/contracts';
import { whenText } from '@countersign/shared/plain';
import { language, say } from '../words/say.ts';

/** What a drill is, before one is started, and how one's own went so far. */
export function Prelude({ past, onStart }: { past: DrillResult[]; onStart: () => void }) {
  return (
    <>
      <h1>{say('drill_title')}</h1>
      <p>{say('drill_what')}</p>
      <ul class="points">
        <li>{say('drill_point_safe')}</li>
        <li>{say('drill_point_told')}</li>
        <li>{say('drill_point_waits')}</li>
        <li>{say('drill_point_yours')}</li>
      </ul>
      <p>
        <button type="button" class="primary" onClick={onStart}>
          {say('drill_start')}
        </button>
      </p>
      {past.length > 0 && (
        <>
          <h2>{say('drill_past')}</h2>
          <table class="past">
            <thead>
              <tr>
                <th scope="col">{say('drill_when')}</th>
                <th scope="col">{say('drill_wrong_found')}</th>
                <th scope="col">{say('drill_right_approved')}</th>
              </tr>
            </thead>
            <tbody>
              {past.map(({ id, ended_at, wrong, right }) => (
                <tr key={id}>
                  <td>{whenText({ at: Date.parse(ended_at), day: false }, language())}</td>
                  <td>{say('drill_of', wrong.found, wrong.n)}</td>
                  <td>{say('drill_of', right.approved, right.n)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}
