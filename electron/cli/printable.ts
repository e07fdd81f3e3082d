export { showObeyed as printable } from '../../shared/bytes/obeyed.ts';
