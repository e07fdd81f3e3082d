export const OPEN_HELP = `starttrace open: open captures in the window, after a summary in the terminal.

Usage:
  starttrace open [FILE…]

FILE is a capture or a folder of captures, as in starttrace analyze. Without one the window begins with its start page.

The window is Electron where it is installed, else Chromium, Chrome or Edge with a profile of its own, which talk to
this command on 127.0.0.1. Where there is no display, the address is printed, for a browser on this machine.
The command ends when the window is closed, or with Ctrl-C.

In CI (CI is set) and with STARTTRACE_NO_WINDOW=1 it prints the summary and ends. In a pipe and without a display, the
address is offered for 20 seconds, or as long as a page is open.

Options:
  --expect FILE     what partners expect: judges by it, here and in the window
  --trust POLICY    the roots to trust: a policy's name, a policy file, a PEM file or folder
  --at capture|now|TIME
                    which point in time decides
  --help, -h        this text

Examples:
  starttrace open capture.pcapng
  starttrace open ring-buffer/
  starttrace open --expect partners.yaml --trust eop-2014 capture.pcapng

Exit codes:
  0    the window was closed, or the summary was printed, whatever it says
  1    Electron could not be started, or no port on 127.0.0.1 could be had
  2    bad usage, or a file that is no capture (without a window)
  130  interrupted with Ctrl-C while captures were still read
`;

export const SERVE_HELP = `starttrace serve: the window for a browser of your choice on this machine.

Usage:
  starttrace serve [FILE…]

Prints an address on 127.0.0.1 and a summary of the captures, and goes on until Ctrl-C. The address holds a secret:
whoever has it can read what this user can read. It is of this launch only. Other machines cannot reach it; from there,
forward the port with SSH, under the same number: ssh -L PORT:127.0.0.1:PORT …

Options:
  --expect FILE     what partners expect: judges by it, here and in the window
  --trust POLICY    the roots to trust: a policy's name, a policy file, a PEM file or folder
  --at capture|now|TIME
                    which point in time decides
  --help, -h        this text

Examples:
  starttrace serve capture.pcapng
  starttrace serve

Exit codes:
  0    ended with Ctrl-C
  1    no port on 127.0.0.1 could be had
  2    bad usage
  130  ended while captures were still read
`;
