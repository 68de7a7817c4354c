import type { PolicyDraft, RunningPolicy, Simulation, Suggestion } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import { draftPolicy, simulate } from '../api/suggestions.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { Backtested } from './Backtested.tsx';
import { PolicyDiff } from './PolicyDiff.tsx';
import { needsSecond, rulesOf, type Stage, standingOf } from './stages.ts';
import type { Asked } from './use-suggestions.ts';
import { useWork } from './use-work.ts';
import { Working } from './Working.tsx';

type Props = { connection: Connection; suggestion: Suggestion; policy: RunningPolicy | null; asked: Asked };

/** From a suggestion into the policy: held against history, then as a difference to the files. Nothing applies itself. */
export function Proposal({ connection, suggestion, policy, asked }: Props) {
  const standing = standingOf(policy, suggestion.name);
  const [stage, setStage] = useState<Stage>(standing === 'shadow' ? 'in_force' : 'shadow');
  const [second, setSecond] = useState('');
  const [draft, setDraft] = useState<PolicyDraft | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const backtest = useWork<Simulation>();
  const me = connection.person.id;
  const other = second.trim();
  const twoNeeded = needsSecond(suggestion, stage);
  const alone = twoNeeded && (other === '' || other === me);

  const choose = (next: Stage) => {
    setStage(next);
    setDraft(null);
    setTrouble(null);
  };
  const show = async () => {
    const answer = await draftPolicy(connection, rulesOf(suggestion, stage, [me, other]));
    setDraft(answer.ok ? answer.value : null);
    setTrouble(answer.ok ? null : answer.trouble);
  };
  // Only in force does a rule change answers; who the second would be changes none.
  const hold = () =>
    backtest.begin(async (telling) => {
      const rules = rulesOf(suggestion, 'in_force', [me, `not ${me}`]);
      const drafted = await draftPolicy(connection, rules);
      if (!drafted.ok) return drafted;
      return simulate(connection, { ...asked, files: drafted.value.files }, telling);
    });

  return (
    <div class="proposal">
      <p class={`standing ${standing}`} role="status">
        {say(`standing_${standing}`)}
      </p>
      <div class="ways">
        <button type="button" onClick={hold} disabled={backtest.progress !== null}>
          {say('backtest_it')}
        </button>
        <span class="hint">{say('backtest_what')}</span>
      </div>
      <Working {...backtest} onStop={backtest.stop} onAgain={hold} />
      {backtest.result && (
        <Backtested connection={connection} simulation={backtest.result} name={suggestion.name} />
      )}
      <fieldset class="stages">
        <legend>{say('propose_as')}</legend>
        {(['shadow', 'in_force'] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name={`stage of ${suggestion.name}`}
              checked={stage === each}
              onChange={() => choose(each)}
            />
            <span>{say(`propose_${each === 'shadow' ? each : suggestion.kind}`)}</span>
          </label>
        ))}
      </fieldset>
      {twoNeeded && (
        <label class="second">
          <span>{say('propose_second', me)}</span>
          <input
            type="text"
            value={second}
            maxLength={100}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              setSecond(currentTarget.value);
              setDraft(null);
            }}
          />
          <span class="hint">{say('propose_second_hint')}</span>
        </label>
      )}
      <div class="ways">
        <button type="button" class="primary" disabled={alone} onClick={() => void show()}>
          {say('propose_show')}
        </button>
        {alone && <span class="hint">{say('propose_alone')}</span>}
      </div>
      {trouble && (
        <p class="notice warn" role="alert">
          {troubleText(trouble)}
        </p>
      )}
      {draft && <PolicyDiff draft={draft} workspace={connection.workspace} />}
    </div>
  );
}
