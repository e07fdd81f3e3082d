/** How the desktop application is packaged: `npm run package` makes what this machine can make, in out/package. */
import type { Configuration, FileAssociation } from 'electron-builder';

/** What Wireshark and tcpdump write. `StartTrace.Capture` is one type to Windows, whatever the ending. */
const CAPTURES: readonly Pick<Required<FileAssociation>, 'ext' | 'name' | 'description' | 'mimeType'>[] = [
  {
    ext: 'pcapng',
    name: 'PCAP Next Generation capture',
    description: 'Network capture (pcapng)',
    mimeType: 'application/x-pcapng',
  },
  {
    ext: ['pcap', 'cap'],
    name: 'PCAP capture',
    description: 'Network capture (pcap)',
    mimeType: 'application/vnd.tcpdump.pcap',
  },
  { ext: 'snoop', name: 'Snoop capture', description: 'Network capture (snoop)', mimeType: 'application/x-snoop' },
];

const config: Configuration = {
  appId: 'org.starttrace.StartTrace',
  productName: 'StartTrace',
  copyright: 'The StartTrace authors',
  // Packages for Linux name a maintainer and a home: the project's own go here before it is published.
  extraMetadata: { author: 'The StartTrace authors', homepage: 'https://starttrace.example/' },
  directories: { output: 'out/package', buildResources: 'build/icons' },
  // Everything is bundled: no package goes along. The command line has a package of its own.
  files: ['dist/**', '!dist/starttrace.js', '!**/*.map', 'package.json', 'LICENSE'],
  asar: true,
  // Wireshark cannot look into the archive.
  asarUnpack: ['dist/sample/**'],
  npmRebuild: false,
  nodeGypRebuild: false,
  /** Set in the executable before it is signed. Nobody makes a Node of it, and it runs no code but its own. */
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    loadBrowserProcessSpecificV8Snapshot: false,
    // An unsigned application for Apple's processors does not start without a signature of its own making.
    resetAdHocDarwinSignature: true,
  },
  // Viewer on macOS, and no claim to be the first choice anywhere: that is Wireshark's.
  fileAssociations: CAPTURES.map((capture) => ({ ...capture, role: 'Viewer', rank: 'Alternate' })),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills it in
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',

  win: {
    icon: 'build/icons/icon.ico',
    target: [
      { target: 'nsis', arch: ['x64', 'arm64'] },
      { target: 'msi', arch: ['x64'] },
    ],
  },
  // Associations are made for the whole machine only.
  nsis: {
    oneClick: false,
    perMachine: true,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
  },
  msi: { oneClick: false, perMachine: true, upgradeCode: '7D1F0C52-6C0B-4E0C-9C53-0B8A5B0F6C1E' },

  mac: {
    icon: 'build/icons/icon.icns',
    category: 'public.app-category.developer-tools',
    target: [{ target: 'dmg', arch: ['x64', 'arm64'] }],
    hardenedRuntime: true,
    gatekeeperAssess: false,
    darkModeSupport: true,
  },
  dmg: { sign: false },

  linux: {
    icon: 'build/icons',
    category: 'Network;Utility',
    synopsis: 'STARTTLS handshakes and certificates in network captures',
    maintainer: 'The StartTrace authors <authors@starttrace.example>',
    executableName: 'starttrace-desktop',
    target: [
      { target: 'AppImage', arch: ['x64', 'arm64'] },
      { target: 'deb', arch: ['x64', 'arm64'] },
      { target: 'rpm', arch: ['x64', 'arm64'] },
    ],
  },
  deb: { packageCategory: 'net' },
};

export default config;
