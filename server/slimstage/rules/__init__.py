"""All rules, in the order in which their findings are listed at one place."""

from __future__ import annotations

from slimstage.rules.add_instead_of_copy import AddInsteadOfCopy
from slimstage.rules.apt_lists_left import AptListsLeft
from slimstage.rules.apt_update_alone import AptUpdateAlone
from slimstage.rules.arg_out_of_scope import ArgOutOfScope
from slimstage.rules.base import Rule
from slimstage.rules.build_tools_in_final_stage import BuildToolsInFinalStage
from slimstage.rules.cd_without_effect import CdWithoutEffect
from slimstage.rules.chown_duplicates_layer import ChownDuplicatesLayer
from slimstage.rules.console_script_not_copied import ConsoleScriptNotCopied
from slimstage.rules.context_junk_copied import ContextJunkCopied
from slimstage.rules.copied_path_never_produced import CopiedPathNeverProduced
from slimstage.rules.copy_from_self import CopyFromSelf
from slimstage.rules.copy_whole_stage import CopyWholeStage
from slimstage.rules.delete_in_later_layer import DeleteInLaterLayer
from slimstage.rules.deprecated_maintainer import DeprecatedMaintainer
from slimstage.rules.dev_dependencies_in_final_stage import DevDependenciesInFinalStage
from slimstage.rules.dev_package_in_final_stage import DevPackageInFinalStage
from slimstage.rules.drop_build_tools import DropBuildTools
from slimstage.rules.duplicate_runtime_instruction import DuplicateRuntimeInstruction
from slimstage.rules.duplicate_stage_name import DuplicateStageName
from slimstage.rules.dynamic_binary_in_scratch import DynamicBinaryInScratch
from slimstage.rules.env_self_reference import EnvSelfReference
from slimstage.rules.eol_base_image import EolBaseImage
from slimstage.rules.expand_in_exec_form import ExpandInExecForm
from slimstage.rules.file_too_long import FileTooLong
from slimstage.rules.from_as_casing import FromAsCasing
from slimstage.rules.full_base_in_final_stage import FullBaseInFinalStage
from slimstage.rules.healthcheck_tool_missing import HealthcheckToolMissing
from slimstage.rules.heredoc_without_set_e import HeredocWithoutSetE
from slimstage.rules.instruction_before_from import InstructionBeforeFrom
from slimstage.rules.instruction_casing import InstructionCasing
from slimstage.rules.interactive_install import InteractiveInstall
from slimstage.rules.invalid_image_reference import InvalidImageReference
from slimstage.rules.invalid_port import InvalidPort
from slimstage.rules.invalid_stage_name import InvalidStageName
from slimstage.rules.jar_glob_ambiguous import JarGlobAmbiguous
from slimstage.rules.language_cache_left import LanguageCacheLeft
from slimstage.rules.latest_base_image import LatestBaseImage
from slimstage.rules.legacy_key_value import LegacyKeyValue
from slimstage.rules.libc_mismatch import LibcMismatch
from slimstage.rules.misplaced_directive import MisplacedDirective
from slimstage.rules.missing_from import MissingFrom
from slimstage.rules.missing_runtime_library import MissingRuntimeLibrary
from slimstage.rules.multi_source_needs_directory import MultiSourceNeedsDirectory
from slimstage.rules.multi_stage_candidate import MultiStageCandidate
from slimstage.rules.package_cache_left import PackageCacheLeft
from slimstage.rules.prefix_copied_wrong import PrefixCopiedWrong
from slimstage.rules.relative_workdir import RelativeWorkdir
from slimstage.rules.reserved_stage_name import ReservedStageName
from slimstage.rules.secret_in_arg_env import SecretInArgEnv
from slimstage.rules.shell_form_entrypoint import ShellFormEntrypoint
from slimstage.rules.stage_name_casing import StageNameCasing
from slimstage.rules.syntax_faults import SYNTAX_FAULTS
from slimstage.rules.undefined_base_arg import UndefinedBaseArg
from slimstage.rules.undefined_variable import UndefinedVariable
from slimstage.rules.unknown_stage import UnknownStage
from slimstage.rules.untagged_base_image import UntaggedBaseImage
from slimstage.rules.unused_stage import UnusedStage
from slimstage.rules.venv_relocated import VenvRelocated
from slimstage.rules.version_redirect import VersionRedirect

ALL_RULES: tuple[Rule, ...] = (
    *SYNTAX_FAULTS,
    DropBuildTools(),
    BuildToolsInFinalStage(),
    DevPackageInFinalStage(),
    DevDependenciesInFinalStage(),
    ContextJunkCopied(),
    AptListsLeft(),
    PackageCacheLeft(),
    LanguageCacheLeft(),
    FullBaseInFinalStage(),
    MissingRuntimeLibrary(),
    CopiedPathNeverProduced(),
    VenvRelocated(),
    PrefixCopiedWrong(),
    ConsoleScriptNotCopied(),
    HealthcheckToolMissing(),
    ChownDuplicatesLayer(),
    JarGlobAmbiguous(),
    DynamicBinaryInScratch(),
    DeleteInLaterLayer(),
    CopyWholeStage(),
    LibcMismatch(),
    MultiStageCandidate(),
    UnknownStage(),
    DuplicateStageName(),
    UnusedStage(),
    CopyFromSelf(),
    MissingFrom(),
    InstructionBeforeFrom(),
    UndefinedVariable(),
    ArgOutOfScope(),
    UndefinedBaseArg(),
    UntaggedBaseImage(),
    LatestBaseImage(),
    LegacyKeyValue(),
    InstructionCasing(),
    FromAsCasing(),
    DeprecatedMaintainer(),
    RelativeWorkdir(),
    DuplicateRuntimeInstruction(),
    MisplacedDirective(),
    MultiSourceNeedsDirectory(),
    InvalidStageName(),
    ReservedStageName(),
    StageNameCasing(),
    InvalidPort(),
    InvalidImageReference(),
    ExpandInExecForm(),
    ShellFormEntrypoint(),
    AddInsteadOfCopy(),
    InteractiveInstall(),
    VersionRedirect(),
    AptUpdateAlone(),
    CdWithoutEffect(),
    HeredocWithoutSetE(),
    EnvSelfReference(),
    SecretInArgEnv(),
    EolBaseImage(),
    FileTooLong(),
)
