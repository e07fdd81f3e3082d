export const EXPECT_HELP = `starttrace expect: what mail partners expect of certificates and connections.

Usage:
  starttrace expect import [OPTIONS] FILE|-       connectors pasted from Exchange → an expectation file
  starttrace expect check FILE                    read an expectation file, and say what each connector demands
  starttrace expect what-if [OPTIONS] FILE        what breaks when a domain moves to a mail provider, and what to change
  starttrace expect catalogue [OPTIONS] [ENTRY]   what mail providers presented, and when
  starttrace expect schema                        the JSON Schema of expectation files

The file's format: docs/expectations.md.

Options:
  --help, -h        this text; after a part, the part's own

Examples:
  starttrace expect import connectors.txt --out expectations.yaml
  starttrace expect check expectations.yaml
  starttrace expect what-if expectations.yaml --moves-to eop-2026 --only fabrikam.com

Exit codes:
  0    all is well
  1    a partner's mail breaks after the move (what-if)
  2    bad usage, or a file that cannot be read or has mistakes
  130  interrupted with Ctrl-C
`;

export const IMPORT_HELP = `starttrace expect import: make an expectation file of connectors pasted from Exchange.

Usage:
  starttrace expect import [OPTIONS] FILE|-

FILE holds what Get-OutboundConnector, Get-InboundConnector, Get-SendConnector and Get-ReceiveConnector print with
| Format-List, or with | ConvertTo-Json: one connector or many, also of several kinds, with the prompts around them.
UTF-8 and UTF-16 are read. Tables (Format-Table) are not: they leave out what matters.

Disabled connectors are kept as disabled. Settings that contradict each other are warnings, on standard error and as
comments in the file. Properties without meaning for certificates are left out and counted.

Options:
  --out FILE        write the expectations to this file instead of standard output
  --force           overwrite the file if it is there
  --help, -h        this text

Examples:
  Get-OutboundConnector | Format-List | Out-File connectors.txt     in PowerShell, then:
  starttrace expect import connectors.txt --out expectations.yaml

Exit codes:
  0    the file was written, perhaps with warnings
  2    bad usage, or text in which a connector cannot be read
`;

export const CHECK_HELP = `starttrace expect check: read an expectation file, and say what each connector demands.

Usage:
  starttrace expect check [OPTIONS] FILE

Mistakes are told as FILE:LINE:COLUMN on standard error. What is not documented by Microsoft and therefore assumed is
named; the file can decide otherwise (docs/expectations.md).

Options:
  --help, -h        this text

Exit codes:
  0    the file is right
  2    it has mistakes, or cannot be read
`;

export const SCHEMA_HELP = `starttrace expect schema: print the JSON Schema of expectation files.

Usage:
  starttrace expect schema [OPTIONS]

Editors check and complete YAML by it. It is also in docs/schemas/expectations.schema.json.

Options:
  --help, -h        this text
`;

export const CATALOGUE_HELP = `starttrace expect catalogue: what mail providers presented, and when.

Usage:
  starttrace expect catalogue [OPTIONS] [ENTRY]

Without ENTRY, the list; with it, all that is known of one, what of it is documented, and where.

Options:
  --catalogue FILE  entries of your own, in front of those that come with the application (docs/expectations.md)
  --json            one JSON document on standard output: the entries
  --help, -h        this text
`;

export const WHAT_IF_HELP = `starttrace expect what-if: what breaks when a domain moves to a mail provider, and what to change.

Usage:
  starttrace expect what-if [OPTIONS] --moves-to ENTRY FILE

FILE is an expectation file. For each connector in it: what it does with the mail now, supposing that whoever answers
today has what it asks for; what it does after the move; which settings to change, with the commands for Exchange.
ENTRY is one of the catalogue: starttrace expect catalogue.

Options:
  --moves-to ENTRY  where the domain moves to, for example eop-2014
  --only DOMAIN     only connectors that concern this domain
  --direction inbound|outbound|both
                    inbound: those who send to the domain, and judge the provider's server certificate;
                    outbound: those who receive from it, and judge its client certificate and addresses (default: both)
  --trust POLICY    the trust policy that has the provider's root or not (default: the file's, else mozilla)
  --at now|DATE     the moment that roots have to be valid at (default: now; of an era that is over, its last day)
  --catalogue FILE  entries of your own, in front of those that come with the application
  --notice          the notices to send, ready to paste, instead of the report
  --json            one JSON document on standard output, schema starttrace/what-if@1 (docs/expectations.md)
  --help, -h        this text

Examples:
  starttrace expect what-if expectations.yaml --moves-to eop-2026
  starttrace expect what-if expectations.yaml --moves-to eop-2014 --at 2014-09-03 --only fabrikam.com --notice

Exit codes:
  0    no partner's mail breaks
  1    mail that flowed is deferred, rejected or sent in plaintext after the move
  2    bad usage, or a file that cannot be read or has mistakes
`;
