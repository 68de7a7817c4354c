import type { RequestView } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { spokenClaim, turnsOf } from './claims.ts';
import { Folded, Plain } from './Plain.tsx';

/** Everything the agent says for itself, in a box of its own, so that nobody takes it for a fact. */
export function AgentWords({ request }: { request: RequestView }) {
  const { preview, reason, transcript, links = [] } = request;
  const summary = spokenClaim(preview?.summary);
  const alternatives = spokenClaim(preview?.alternatives);
  const turns = turnsOf(transcript);
  const reversible = preview?.reversible;
  const silent = summary.length === 0 && !reason && alternatives.length === 0 && reversible === undefined;
  return (
    <section class="said words" aria-label={say('agent_says')}>
      <h2>{say('agent_says')}</h2>
      {silent && <p class="nothing">{say('agent_says_nothing')}</p>}
      {[...summary, ...(reason ? [reason] : [])].map((text, i) => (
        <p key={i}>
          <Folded text={text} />
        </p>
      ))}
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
      {alternatives.length > 0 && (
        <p>
          <b>{say('said_alternatives')}</b>{' '}
          {alternatives.map((text, i) => (
            <span key={i}>
              {i > 0 && ' · '}
              <Plain text={text} />
            </span>
          ))}
        </p>
      )}
      {links.map((link) => (
        <p key={link.href}>
          {/* The address itself is what is clicked: a link's own text could name another place. */}
          {link.text && (
            <>
              <Plain text={link.text} />:{' '}
            </>
          )}
          {isWebAddress(link.href) ? (
            <a href={link.href} target="_blank" rel="noopener noreferrer">
              <Plain text={link.href} />
            </a>
          ) : (
            <Plain text={link.href} />
          )}
        </p>
      ))}
      {turns.length > 0 && (
        <details>
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

/** The server lets nothing else through; a card does not rely on it. */
function isWebAddress(href: string): boolean {
  return /^https?:\/\//i.test(href);
}
