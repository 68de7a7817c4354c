import { say } from '../words/say.ts';
import { Folded, Plain } from './Plain.tsx';
import type { Shown } from './rows.ts';

/** One value of the payload, as its kind is read. */
export function Value({ shown }: { shown: Shown }) {
  switch (shown.kind) {
    case 'text':
      return <Folded text={shown.text} />;
    case 'number':
    case 'money':
      return <span class="number">{shown.text}</span>;
    case 'date':
      return (
        <>
          {shown.text} <small>{shown.raw}</small>
        </>
      );
    case 'flag':
      return <>{say(shown.on ? 'yes' : 'no')}</>;
    case 'list':
      return (
        <ul class="values">
          {shown.items.map((item, i) => (
            <li key={i}>
              <Plain text={item} />
            </li>
          ))}
        </ul>
      );
    case 'nothing':
      return <span class="nothing">{say(`nothing_${shown.what}`)}</span>;
  }
}
