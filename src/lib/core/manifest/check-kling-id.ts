import type { ValueFault } from './check-video-url.ts';
import { findInvisible } from './invisible.ts';

/**
 * Ids have 18 digits today (API page, "The call"). Other plausible lengths are left to the API: an id is a counter,
 * and a gateway of the same family may have its own.
 */
const MAX_ID_DIGITS = 32;

const DIGITS = /^\d{1,32}$/;
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
const WITH_DECIMALS = /^\d+[.,]0+$/;
const WITH_SEPARATORS = /^\d{1,3}(?:[.,'’\s]\d{3})+$/;

const FORMAT_AS_TEXT =
  'format the column as text, enter the ids again from their source, and export again';

/** What is wrong with an id, as the rest of a sentence; null when it is fine. */
export function checkKlingId(id: string): ValueFault | null {
  if (DIGITS.test(id)) return null;
  const invisible = findInvisible(id);
  if (invisible !== null) {
    return {
      code: 'bad_id',
      message: `contains the invisible character ${invisible}; copy the id again from its source`,
    };
  }
  if (SCIENTIFIC.test(id)) {
    return {
      code: 'mangled_id',
      message: `is an id that a spreadsheet turned into a number, which lost its last digits; ${FORMAT_AS_TEXT}`,
    };
  }
  if (WITH_DECIMALS.test(id)) {
    return {
      code: 'mangled_id',
      message: `is an id that some program turned into a number with decimals, which rounds ids of 17 digits and more; ${FORMAT_AS_TEXT}`,
    };
  }
  if (WITH_SEPARATORS.test(id)) {
    return {
      code: 'mangled_id',
      message: `is an id written as a number with separators; ${FORMAT_AS_TEXT}`,
    };
  }
  if (/^\d+$/.test(id)) {
    return {
      code: 'bad_id',
      message: `has ${id.length} digits, and an id has 18 (at most ${MAX_ID_DIGITS} are taken); check that the cell holds one id`,
    };
  }
  return { code: 'bad_id', message: 'is not an id: ids are digits only, usually 18 of them' };
}

/** A JSON number of this size was rounded by the program that wrote it, or will be by the one that reads it. */
export function jsonNumberFault(): ValueFault {
  return {
    code: 'id_is_number',
    message:
      'is a JSON number, and ids of 18 digits do not fit into one without losing digits; write it as a string, in quotes, from its source',
  };
}
