import { useEffect, useRef, useState } from 'preact/hooks';
import { tiers } from '../api/guard.ts';
import { useKeys } from '../surface/keys.ts';
import { say } from '../words/say.ts';
import { type FilterName, type Filters, statuses } from './filters.ts';
import type { Found } from './found.ts';

type Props = {
  filters: Filters;
  /** What was found last: it knows names that a person may mean. */
  rows: Found[];
  /** `typing`: more is to come, so no step back is worth keeping. */
  onChange: (filters: Filters, typing: boolean) => void;
};

/** Between two letters of a person who types without haste. */
const typingPause = 250;

/** The search box and the filters. `/` goes to the box. */
export function FilterForm({ filters, rows, onChange }: Props) {
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(filters.q ?? '');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(filters);
  latest.current = filters;
  // Back and Forward bring other words than were typed.
  useEffect(() => setText(filters.q ?? ''), [filters.q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const set = (name: FilterName, value: string, typing = false) => {
    const { [name]: _before, ...others } = latest.current;
    onChange(value === '' ? others : { ...others, [name]: value }, typing);
  };
  const search = (words: string, typing: boolean) => {
    clearTimeout(timer.current);
    if (words !== (latest.current.q ?? '')) set('q', words, typing && latest.current.q !== undefined);
  };
  useKeys({
    '/': () => {
      box.current?.focus();
      box.current?.select();
    },
  });

  const names = (of: 'agent' | 'tool') => [...new Set(rows.map((row) => row[of]))].slice(0, 50);
  const people = [...new Set(rows.flatMap((row) => row.by))].slice(0, 50);
  const narrowed = Object.keys(filters).filter((name) => name !== 'q').length;
  return (
    <search>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          search(text, false);
        }}
      >
        <div class="search">
          <label>
            <span class="aside">{say('history_search')}</span>
            <input
              ref={box}
              type="search"
              name="q"
              maxLength={200}
              autocomplete="off"
              spellcheck={false}
              placeholder={say('history_search_hint')}
              aria-keyshortcuts="/"
              value={text}
              onInput={(event) => {
                const words = event.currentTarget.value;
                setText(words);
                clearTimeout(timer.current);
                timer.current = setTimeout(() => search(words, true), typingPause);
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Escape') return;
                // Out of the box first; only the next Escape leaves the page.
                event.preventDefault();
                box.current?.blur();
              }}
            />
          </label>
          <kbd>/</kbd>
        </div>
        <details open={narrowed > 0 || matchMedia('(min-width: 840px)').matches}>
          <summary>{narrowed === 0 ? say('filters') : say('filters_set', narrowed)}</summary>
          <div class="fields-of-filter">
            <Choice
              name="status"
              value={filters.status}
              options={statuses}
              word={(s) => say(`became_${s}`)}
              set={set}
            />
            <Choice
              name="tier"
              value={filters.tier}
              options={tiers}
              word={(t) => say(`tier_${t}`)}
              set={set}
            />
            <Named name="tool" value={filters.tool} known={names('tool')} set={set} />
            <Named name="agent" value={filters.agent} known={names('agent')} set={set} />
            <Named name="reviewer" value={filters.reviewer} known={people} set={set} />
            <Day name="from" value={filters.from} set={set} />
            <Day name="to" value={filters.to} set={set} />
          </div>
        </details>
      </form>
    </search>
  );
}

type Set = (name: FilterName, value: string) => void;

function Choice<Option extends string>(props: {
  name: 'status' | 'tier';
  value: Option | undefined;
  options: readonly Option[];
  word: (option: Option) => string;
  set: Set;
}) {
  return (
    <label>
      <span>{say(`filter_${props.name}`)}</span>
      <select
        name={props.name}
        value={props.value ?? ''}
        onChange={(event) => props.set(props.name, event.currentTarget.value)}
      >
        <option value="">{say('filter_any')}</option>
        {props.options.map((option) => (
          <option key={option} value={option}>
            {props.word(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Named(props: {
  name: 'tool' | 'agent' | 'reviewer';
  value: string | undefined;
  known: string[];
  set: Set;
}) {
  const id = `known-${props.name}`;
  return (
    <label>
      <span>{say(`filter_${props.name}`)}</span>
      <input
        type="text"
        name={props.name}
        list={id}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        placeholder={say('filter_any')}
        value={props.value ?? ''}
        onChange={(event) => props.set(props.name, event.currentTarget.value.trim())}
      />
      <datalist id={id}>
        {props.known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

function Day({ name, value, set }: { name: 'from' | 'to'; value: string | undefined; set: Set }) {
  return (
    <label>
      <span>{say(`filter_${name}`)}</span>
      <input
        type="date"
        name={name}
        value={value ?? ''}
        onChange={(event) => set(name, event.currentTarget.value)}
      />
    </label>
  );
}
