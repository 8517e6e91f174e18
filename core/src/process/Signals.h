#pragma once

#include "process/FileDescriptor.h"

#include <csignal>
#include <initializer_list>
#include <vector>

namespace carillon::process
{

/// What a master says to its children. TERM, TSTP and CONT may come from an operator too; the terminal's INT and QUIT, which reach the
/// whole process group, are the master's alone to answer, so children ignore them.
inline constexpr int stopSignal = SIGTERM;
inline constexpr int hurrySignal = SIGUSR1;
inline constexpr int quietSignal = SIGTSTP;
inline constexpr int resumeSignal = SIGCONT;

/// Blocks exactly what a master reads from its descriptor, for this thread and all it will start; ignores SIGPIPE.
void blockMasterSignals();

/// The same for a child; the terminal's signals and SIGHUP are ignored, everything else is as in a fresh program.
void blockChildSignals();

/// Reads blocked signals as events. Throws std::system_error.
class SignalDescriptor
{
public:
    explicit SignalDescriptor(std::initializer_list<int> signals);
    static SignalDescriptor forMaster();
    static SignalDescriptor forChild();

    int descriptor() const noexcept { return _descriptor.get(); }
    /// What came since the last call, never waiting.
    std::vector<int> read() const;

private:
    FileDescriptor _descriptor;
};

} // namespace carillon::process
