#include "push/fcm/HttpAnswer.h"

namespace carillon::push::fcm
{

std::string_view toString(TransportProblem problem)
{
    switch (problem)
    {
    case TransportProblem::Resolve: return "resolve_failed";
    case TransportProblem::Connect: return "connect_failed";
    case TransportProblem::Tls: return "tls_failed";
    case TransportProblem::Untrusted: return "tls_untrusted";
    case TransportProblem::Timeout: return "timeout";
    case TransportProblem::Deadline: return "deadline";
    case TransportProblem::Unprocessed: return "stream_refused";
    case TransportProblem::Lost: return "connection_lost";
    case TransportProblem::TooLarge: return "answer_too_large";
    case TransportProblem::Stopping: return "stopping";
    }
    return "?";
}

} // namespace carillon::push::fcm
