import type { ButtonHTMLAttributes } from 'react';
import './button.css';

/** A plain button. `title` is its tooltip; give `aria-label` where the content is no word. */
export function Button({ className = '', ...rest }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" className={`button ${className}`} {...rest} />;
}
