#include "process/Signals.h"

#include "process/Errno.h"

#include <array>
#include <sys/signalfd.h>

namespace carillon::process
{
namespace
{

constexpr std::initializer_list<int> masterSignals{SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT, SIGCHLD};
constexpr std::initializer_list<int> childSignals{stopSignal, hurrySignal, quietSignal, resumeSignal};

sigset_t setOf(std::initializer_list<int> signals)
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    return set;
}

void setDisposition(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

void setMask(std::initializer_list<int> signals)
{
    const auto set = setOf(signals);
    if (const int error = ::pthread_sigmask(SIG_SETMASK, &set, nullptr); error != 0)
    {
        errno = error;
        throwErrno("cannot block signals");
    }
}

} // namespace

void blockMasterSignals()
{
    // A peer that went away is an error of the call, never the end of the process.
    setDisposition(SIGPIPE, SIG_IGN);
    // nohup and some supervisors start programs with SIGCHLD or the others ignored: an ignored signal is never queued.
    for (const int signal : masterSignals) setDisposition(signal, SIG_DFL);
    setMask(masterSignals);
}

void blockChildSignals()
{
    for (const int signal : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE}) setDisposition(signal, SIG_IGN);
    for (const int signal : childSignals) setDisposition(signal, SIG_DFL);
    setMask(childSignals);
}

SignalDescriptor::SignalDescriptor(std::initializer_list<int> signals)
{
    const auto set = setOf(signals);
    _descriptor.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!_descriptor) throwErrno("cannot create a signal descriptor");
}

SignalDescriptor SignalDescriptor::forMaster() { return SignalDescriptor(masterSignals); }

SignalDescriptor SignalDescriptor::forChild() { return SignalDescriptor(childSignals); }

std::vector<int> SignalDescriptor::read() const
{
    std::vector<int> signals;
    std::array<signalfd_siginfo, 16> batch;
    for (;;)
    {
        const auto length = ::read(_descriptor.get(), batch.data(), sizeof(batch));
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return signals;
        for (std::size_t index = 0; index < static_cast<std::size_t>(length) / sizeof(signalfd_siginfo); ++index)
            signals.push_back(static_cast<int>(batch[index].ssi_signo));
    }
}

} // namespace carillon::process
