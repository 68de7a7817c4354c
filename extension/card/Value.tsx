import {
  addressParts,
  distanceText,
  isExternal,
  type Shown,
  type WebAddress,
  whenText,
} from '@countersign/shared/plain';
import { useContext } from 'preact/hooks';
import { serverNow } from '../api/clock.ts';
import { language, say } from '../words/say.ts';
import { Code } from './Code.tsx';
import { isLong, mostCharacters, mostItems } from './folds.ts';
import { Home } from './home.ts';
import { Folded, Plain } from './Plain.tsx';

/** Lets a long value be cut, and opens it. Without one, a value is shown whole, or unfolds by itself. */
export type Fold = { open: boolean; onOpen: () => void };

/** One value of the payload, as its kind is read. */
export function Value({ shown, fold }: { shown: Shown; fold?: Fold | undefined }) {
  switch (shown.kind) {
    case 'text':
      if (!fold) return <Folded text={shown.text} />;
      if (fold.open || !isLong(shown)) return <Plain text={shown.text} />;
      return (
        <Cut size={shown.text.length} onOpen={fold.onOpen}>
          <Plain text={shown.text} limit={mostCharacters} />
        </Cut>
      );
    case 'code':
      if (!fold || fold.open || !isLong(shown)) return <Code text={shown.text} language={shown.language} />;
      return (
        <Cut size={shown.text.length} onOpen={fold.onOpen}>
          <Code text={beginningOf(shown.text)} language={shown.language} />
        </Cut>
      );
    case 'number':
    case 'money':
      return <span class={shown.kind}>{shown.text}</span>;
    case 'date':
      return (
        <>
          {whenText(shown.when, language())}{' '}
          <small class="when">
            {distanceText(shown.when, serverNow(), language())} · {shown.raw}
          </small>
        </>
      );
    case 'link':
      return <Link address={shown.address} />;
    case 'flag':
      return <>{say(shown.on ? 'yes' : 'no')}</>;
    case 'list':
      return <Items items={shown.items} fold={fold} show={(item) => <Plain text={item} />} />;
    case 'addresses':
      return <Items items={shown.items} fold={fold} show={(item) => <Address text={item} />} />;
    case 'nothing':
      return <span class="nothing">{say(`nothing_${shown.what}`)}</span>;
  }
}

type CutProps = { size: number; onOpen: () => void; children: preact.ComponentChild };

/** The beginning of a long text with its length, until all of it is asked for. */
function Cut({ size, onOpen, children }: CutProps) {
  return (
    <>
      {children}
      <button type="button" class="link more" onClick={onOpen}>
        {say('show_all_characters', size)}
      </button>
    </>
  );
}

/** A surrogate pair is not parted, or its first half would show as a disguise. */
function beginningOf(text: string): string {
  const parts = /[\uD800-\uDBFF]/.test(text.charAt(mostCharacters - 1));
  return text.slice(0, parts ? mostCharacters - 1 : mostCharacters);
}

type ItemsProps = { items: string[]; fold: Fold | undefined; show: (item: string) => preact.ComponentChild };

function Items({ items, fold, show }: ItemsProps) {
  const [only] = items;
  if (items.length === 1 && only !== undefined) return <>{show(only)}</>;
  const shown = !fold || fold.open ? items : items.slice(0, mostItems);
  return (
    <>
      <ul class="values">
        {shown.map((item, i) => (
          <li key={i}>{show(item)}</li>
        ))}
      </ul>
      {shown.length < items.length && (
        <button type="button" class="link more" onClick={fold?.onOpen}>
          {say('show_all_items', items.length)}
        </button>
      )}
    </>
  );
}

/** An address with its domain marked, and said to be outside where it is. */
function Address({ text }: { text: string }) {
  const home = useContext(Home);
  const { before, domain, after } = addressParts(text);
  const outside = home !== undefined && isExternal(text, home);
  return (
    <>
      <Plain text={before} />
      <b class={outside ? 'host outside' : 'host'}>
        <Plain text={domain} />
      </b>
      {after !== '' && <Plain text={after} />}
      {outside && (
        <>
          {' '}
          <small class="outside">{say('address_external')}</small>
        </>
      )}
    </>
  );
}

/** Not a link to click: what an agent wants to call is read, not opened. */
function Link({ address: { before, host, after, really } }: { address: WebAddress }) {
  return (
    <>
      <Plain text={before} />
      <b class="host">
        <Plain text={host} />
      </b>
      {after !== '' && <Plain text={after} />}
      {really !== undefined && (
        <>
          {' '}
          <span class="mark">{say('link_really', really)}</span>
        </>
      )}
    </>
  );
}
