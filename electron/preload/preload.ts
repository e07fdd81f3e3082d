/** Runs beside the page, in its sandbox: the only way from the page to the application. */
import { contextBridge } from 'electron';
import { bridge } from './bridge.ts';

contextBridge.exposeInMainWorld('starttrace', bridge);
