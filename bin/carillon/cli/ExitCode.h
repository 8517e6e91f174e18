#pragma once

namespace carillon::cli
{

/// What a shell, systemd and CI read. 78 is EX_CONFIG of sysexits.h: systemd's RestartPreventExitStatus can name it.
enum ExitCode : int
{
    Success = 0,
    Failed = 1,
    Usage = 2,
    BadConfiguration = 78
};

} // namespace carillon::cli
