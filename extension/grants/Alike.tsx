import { Folded } from '../card/Plain.tsx';
import { say } from '../words/say.ts';
import type { Likeness } from './offer.ts';

/** What "like this" means, in a sentence with the values themselves. */
export function Alike({ likeness }: { likeness: Likeness }) {
  if (likeness === null) return <>{say('grant_like_exact')}</>;
  return (
    <>
      {say('grant_like_same')}{' '}
      {likeness.map(({ path, label, text }, i) => (
        <span key={path}>
          {i > 0 && ', '}
          <b>{label}</b> {text === undefined ? say('grant_covered') : <Folded text={text} limit={80} />}
        </span>
      ))}
      . {say('grant_like_rest')}
    </>
  );
}
