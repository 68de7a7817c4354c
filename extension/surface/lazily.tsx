import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Part<Props> = (props: Props) => ComponentChildren;

/**
 * A part that is fetched when it is first shown, so that a popup begins with no more than a card needs. Later it is
 * there at once. One that cannot be fetched is closed again, where it is one that can be closed (`onClose`).
 */
export function lazily<Props extends object>(fetchPart: () => Promise<Part<Props>>) {
  let fetched: Part<Props> | undefined;
  return function Lazily(props: Props) {
    const [, redraw] = useState(0);
    useEffect(() => {
      if (fetched) return;
      let wanted = true;
      fetchPart().then(
        (part) => {
          fetched = part;
          if (wanted) redraw(1);
        },
        () => {
          if (wanted && 'onClose' in props && typeof props.onClose === 'function') props.onClose();
        },
      );
      return () => {
        wanted = false;
      };
    }, []);
    const Shown = fetched;
    return Shown ? <Shown {...props} /> : null;
  };
}
