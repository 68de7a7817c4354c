import type { RequestView } from '@countersign/shared/contracts';
import { spokenClaim, turnsOf, webAddress } from '@countersign/shared/plain';
import { say } from '../words/say.ts';
import { Folded, Plain } from './Plain.tsx';
import { Value } from './Value.tsx';

/** Everything the agent says for itself, in a box of its own, so that nobody takes it for a fact. */
export function AgentWords({ request }: { request: RequestView }) {
  const { preview, reason, transcript, links = [] } = request;
  const summary = spokenClaim(preview?.summary);
  const affected = spokenClaim(preview?.affected);
  const alternatives = spokenClaim(preview?.alternatives);
  const turns = turnsOf(transcript);
  const reversible = preview?.reversible;
  const claims = [...summary, ...affected, ...alternatives];
  const silent = claims.length === 0 && !reason && reversible === undefined;
  return (
    <section class="said words" aria-label={say('agent_says')}>
      <h2>{say('agent_says')}</h2>
      {silent && <p class="nothing">{say('agent_says_nothing')}</p>}
      {[...summary, ...(reason ? [reason] : [])].map((text, i) => (
        <p key={i}>
          <Folded text={text} />
        </p>
      ))}
      <Claim label={say('fact_affected')} texts={affected} />
      {reversible !== undefined && (
        <p>
          <b>{say('said_reversible')}</b>{' '}
          {typeof reversible === 'boolean' ? (
            say(reversible ? 'yes' : 'no')
          ) : (
            <Plain text={String(reversible)} />
          )}
        </p>
      )}
      <Claim label={say('said_alternatives')} texts={alternatives} />
      {links.map((link) => (
        <p key={link.href}>
          {/* The address itself is what is clicked: a link's own text could name another place. */}
          {link.text && (
            <>
              <Folded text={link.text} limit={120} />:{' '}
            </>
          )}
          {isWebAddress(link.href) ? (
            <a href={link.href} target="_blank" rel="noopener noreferrer">
              <Address href={link.href} />
            </a>
          ) : (
            <Plain text={link.href} />
          )}
        </p>
      ))}
      {turns.length > 0 && (
        <details data-section="agent">
          <summary>{say('transcript', turns.length)}</summary>
          {turns.map((turn, i) => (
            <p key={i}>
              {turn.role && (
                <b>
                  <Plain text={turn.role} />:{' '}
                </b>
              )}
              <Folded text={turn.text} />
            </p>
          ))}
        </details>
      )}
    </section>
  );
}

/** What the agent says under a heading of ours, item by item, none of them longer than a glance. */
function Claim({ label, texts }: { label: string; texts: string[] }) {
  if (texts.length === 0) return null;
  return (
    <p>
      <b>{label}</b>{' '}
      {texts.map((text, i) => (
        <span key={i}>
          {i > 0 && ' · '}
          <Folded text={text} limit={240} />
        </span>
      ))}
    </p>
  );
}

/** An address with its host marked, since that is what tells where a click goes. */
function Address({ href }: { href: string }) {
  const address = webAddress(href);
  if (!address) return <Plain text={href} />;
  return <Value shown={{ kind: 'link', address, text: href }} />;
}

/** The server lets nothing else through; a card does not rely on it. */
function isWebAddress(href: string): boolean {
  return /^https?:\/\//i.test(href);
}
