"""The tables: people and their keys, edits, results, reviews, recipes, budgets, webhooks, providers."""

from edits.models.api_keys import CALLS_PER_MINUTE, MOST_CALLS_PER_MINUTE, ApiKey
from edits.models.attempts import Attempt, Charged
from edits.models.batches import Batch
from edits.models.budgets import Budget
from edits.models.bulk_jobs import MOVING, BulkChunk, BulkJob, JobAction, JobState
from edits.models.canary import CanaryRun, CanarySkip
from edits.models.comments import MOST_COMMENT_CHARS, Comment
from edits.models.drafts import Draft
from edits.models.edit_requests import EditRequest
from edits.models.merged_pictures import MergedPicture, MergeKind, MergeRefusal, MergeState
from edits.models.past_prompts import PastPrompt, PromptFilling
from edits.models.people import AuditEntry, Invitation, InvitationState, Role, User, rights
from edits.models.prompt_presets import PresetUse, PromptPreset
from edits.models.provider import FIRST, Provider
from edits.models.provider_models import ProviderModel
from edits.models.rates import LEAST_SHOWN, Counted, Rates
from edits.models.recipes import (
    Recipe,
    RecipeRun,
    RecipeVersion,
    RunStep,
    StepState,
    StopReason,
    WaitReason,
)
from edits.models.references import EditReference
from edits.models.returned_images import FinishReason, ReturnedImage, Verdict
from edits.models.reveal_grants import RevealGrant
from edits.models.reviews import AUTHOR_READS, MOST_COUNTED, Decision, EventKind, ReviewCase, ReviewEvent
from edits.models.search_text import SearchPending, SearchText
from edits.models.spent_days import SpentDay
from edits.models.staged_uploads import StagedUpload
from edits.models.stars import Star
from edits.models.statuses import ACTIVE, FINISHED, UNSUCCESSFUL, Reason, Status
from edits.models.submissions import Submission
from edits.models.tags import MOST_TAG_CHARS, Tag
from edits.models.uploads import LIKENESS, UNREADABLE, Upload
from edits.models.votes import Vote
from edits.models.webhooks import OffReason, Webhook, WebhookDelivery

__all__ = [
    "ACTIVE",
    "AUTHOR_READS",
    "CALLS_PER_MINUTE",
    "FINISHED",
    "FIRST",
    "LEAST_SHOWN",
    "LIKENESS",
    "MOST_CALLS_PER_MINUTE",
    "MOST_COMMENT_CHARS",
    "MOST_COUNTED",
    "MOST_TAG_CHARS",
    "MOVING",
    "UNREADABLE",
    "UNSUCCESSFUL",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "Batch",
    "Budget",
    "BulkChunk",
    "BulkJob",
    "CanaryRun",
    "CanarySkip",
    "Charged",
    "Comment",
    "Counted",
    "Decision",
    "Draft",
    "EditReference",
    "EditRequest",
    "EventKind",
    "FinishReason",
    "Invitation",
    "InvitationState",
    "JobAction",
    "JobState",
    "MergeKind",
    "MergeRefusal",
    "MergeState",
    "MergedPicture",
    "OffReason",
    "PastPrompt",
    "PresetUse",
    "PromptFilling",
    "PromptPreset",
    "Provider",
    "ProviderModel",
    "Rates",
    "Reason",
    "Recipe",
    "RecipeRun",
    "RecipeVersion",
    "ReturnedImage",
    "RevealGrant",
    "ReviewCase",
    "ReviewEvent",
    "Role",
    "RunStep",
    "SearchPending",
    "SearchText",
    "SpentDay",
    "StagedUpload",
    "Star",
    "Status",
    "StepState",
    "StopReason",
    "Submission",
    "Tag",
    "Upload",
    "User",
    "Verdict",
    "Vote",
    "WaitReason",
    "Webhook",
    "WebhookDelivery",
    "rights",
]
