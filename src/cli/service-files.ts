/** What a service manager has to start: the words of the command, and the folder for its data where one was named. */
export type ServiceCommand = { words: readonly string[] };

/** Lines that hold for every systemd unit of ours. */
const RUNNING = [
  "Type=exec",
  "Restart=on-failure",
  "RestartSec=2",
  // Running answers get SHUTDOWN_GRACE_MS (30 s) to finish; the manager must not be quicker.
  "TimeoutStopSec=60",
  "UMask=0077",
  "LimitNOFILE=65536",
  "Environment=BUN_CONFIG_MAX_HTTP_REQUESTS=8192 DO_NOT_TRACK=1",
  "UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN BUN_INSPECT",
  "NoNewPrivileges=yes",
];

/** MemoryDenyWriteExecute must not be added: it takes the compiler away and makes everything ten times slower. */
const HARDENING = [
  "ProtectSystem=strict",
  "ProtectHome=yes",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "PrivateUsers=yes",
  "ProtectProc=invisible",
  "ProtectClock=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectControlGroups=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "RemoveIPC=yes",
  "CapabilityBoundingSet=",
  "AmbientCapabilities=",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "SystemCallErrorNumber=EPERM",
];

/** A unit for one user, started at login. */
export function userUnit(command: ServiceCommand): string {
  return unit(["ExecStart=" + execLine(command), ...RUNNING], "default.target");
}

/** A unit for the whole machine: a user of its own, its data in /var/lib/omniroute, nothing else to be written. */
export function systemUnit(command: ServiceCommand): string {
  const own = [
    "DynamicUser=yes",
    "StateDirectory=omniroute",
    "StateDirectoryMode=0700",
    "EnvironmentFile=-/etc/omniroute/omniroute.env",
  ];
  return unit(["ExecStart=" + execLine(command), ...own, ...RUNNING, ...HARDENING], "multi-user.target");
}

function unit(service: readonly string[], wantedBy: string): string {
  return [
    "[Unit]",
    "Description=OmniRoute AI gateway",
    "After=network-online.target",
    "Wants=network-online.target",
    "",
    "[Service]",
    ...service,
    "",
    "[Install]",
    `WantedBy=${wantedBy}`,
    "",
  ].join("\n");
}

/** systemd's own quoting: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines */
function execLine({ words }: ServiceCommand): string {
  return words.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (!/[\s"'\\;]/.test(escaped)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

export const LAUNCHD_LABEL = "io.omniroute.server";

/** A property list for launchd: started at login (agent) or at boot (daemon), and again when it fails. */
export function launchdList(command: ServiceCommand, logFile: string): string {
  const words = command.words.map((word) => `    <string>${escapeXml(word)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words.join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>BUN_CONFIG_MAX_HTTP_REQUESTS</key>
    <string>8192</string>
    <key>DO_NOT_TRACK</key>
    <string>1</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>60</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${escapeXml(logFile)}</string>
</dict>
</plist>
`;
}

export const TASK_NAME = "OmniRoute";

/** A task for the Windows scheduler: started when the user signs in, and again when it fails. UTF-16 by its own rule. */
export function windowsTask(command: ServiceCommand): string {
  const [program = "", ...rest] = command.words;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>OmniRoute AI gateway</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${escapeXml(program)}</Command>
      <Arguments>${escapeXml(rest.map(quoteWindows).join(" "))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A path cannot hold a quote on Windows; one with blanks needs them around it. */
const quoteWindows = (word: string): string => (/\s/.test(word) ? `"${word}"` : word);
