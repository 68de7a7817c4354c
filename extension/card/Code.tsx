import { type CodeLanguage, codeTokens } from '@countersign/shared/plain';
import { say } from '../words/say.ts';
import { Plain } from './Plain.tsx';

/** A statement or command with its parts told apart, and the words that destroy marked. */
export function Code({ text, language }: { text: string; language: CodeLanguage }) {
  return (
    <code class="code">
      {codeTokens(text, language).map((token, i) => {
        if (token.kind === 'plain') return <Plain key={i} text={token.text} />;
        return (
          <span key={i} class={token.kind} title={token.kind === 'danger' ? say('code_danger') : undefined}>
            <Plain text={token.text} />
          </span>
        );
      })}
    </code>
  );
}
