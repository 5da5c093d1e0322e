import { html } from 'hono/html';
import type { Html } from '../dashboard-env.ts';
import { sentence } from './words.ts';

export interface Question {
  /** Unique on the page, so that the element stays open while its numbers change. */
  id: string;
  /** The label of the first button. */
  words: string;
  /** What would happen, in a sentence or two with the numbers. */
  consequence: string;
  /** The label of the button that carries it out. */
  confirm: string;
  /** Where the page's form is sent. */
  action: string;
  kind?: 'danger' | 'small';
}

/** A button for an act that costs calls or ends rows. It first unfolds the consequences, without JavaScript. */
export const ask = ({ id, words, consequence, confirm, action, kind }: Question): Html =>
  html`<details class="ask" id="ask-${id}"><summary class="button ${kind ?? ''}">${words} …</summary>
    <div class="card asked"><p>${sentence(consequence)}</p><button form="act" formaction="${action}" id="do-${id}" class="${kind === 'danger' ? 'danger' : 'primary'}">${confirm}</button></div></details>`;
