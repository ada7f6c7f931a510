"""What the console says of the demo's events, in words."""

from __future__ import annotations

SENTENCES = {
    "NoteWritten": "{actor} wrote: {data.text}",
    "ReleaseBuildTested": "Build {data.build}: {data.passed} tests passed, "
    "{data.failed} failed",
    "ReleaseDeploymentEnabled": "{actor} opened the way to production for {aggregate}",
    "ReleaseEscalated": "{aggregate} was not ready in time, and was escalated",
    "ReleasePlanned": "{actor} planned {aggregate}: {data.goal}",
    "ReleaseReadinessAchieved": "{aggregate} is ready: all of its "
    "{data.requirements} requirements are verified",
    "ReleaseRequirementAdded": "{actor} took requirement {data.requirement} into "
    "{aggregate}",
    "ReleaseRequirementCompleted": "Requirement {data.requirement} is done in "
    "{aggregate}",
    "ReleaseRequirementPostponed": "{actor} took requirement {data.requirement} out "
    "of {aggregate}: {data.reason}",
    "ReleaseScopeFrozen": "{actor} froze the scope of {aggregate}",
    "ReleaseShipped": "{actor} shipped {aggregate}: {data.notes}",
    "RequirementAnalysed": "{actor} analysed {aggregate}: score {data.score}, "
    "{data.risk} risk",
    "RequirementApproved": "{actor} approved {aggregate}: {data.comment}",
    "RequirementCommented": "{actor} commented on {aggregate}: {data.text}",
    "RequirementCreated": "{actor} wrote {aggregate}: {data.title}",
    "RequirementRejected": "{actor} rejected {aggregate}: {data.reason}",
    "RequirementRevised": "{actor} revised {aggregate}: {data.change}",
    "RequirementVerificationFailed": "{actor} verified {aggregate}: tests failed",
    "RequirementVerified": "{actor} verified {aggregate}: {data.tests} tests passed",
}
