// Written by scripts/generate-kubernetes-schema.mjs: facts about the messages of Kubernetes' API. schema.ts reads it.
// Sources, Go modules of k8s.io:
//   api@v0.17.5 apimachinery@v0.17.5
//   api@v0.20.6 apimachinery@v0.20.6
//   api@v0.21.1 apimachinery@v0.21.1
//   api@v0.22.5 apimachinery@v0.22.5
//   api@v0.23.16 apimachinery@v0.23.16
//   api@v0.24.3 apimachinery@v0.24.3 apiextensions-apiserver@v0.24.2
//   api@v0.25.9 apimachinery@v0.25.5 apiextensions-apiserver@v0.25.4
//   api@v0.26.9 apimachinery@v0.26.9 apiextensions-apiserver@v0.26.9
//   api@v0.27.4 apimachinery@v0.27.4 apiextensions-apiserver@v0.27.6
//   api@v0.28.3 apimachinery@v0.28.8 apiextensions-apiserver@v0.28.3
//   api@v0.29.15 apimachinery@v0.29.15 apiextensions-apiserver@v0.29.6 kube-aggregator@v0.29.14
//   api@v0.30.14 apimachinery@v0.30.14 apiextensions-apiserver@v0.30.14 kube-aggregator@v0.30.14
//   api@v0.31.14 apimachinery@v0.31.14 apiextensions-apiserver@v0.31.14 kube-aggregator@v0.31.14
//   api@v0.32.13 apimachinery@v0.32.13 apiextensions-apiserver@v0.32.13 kube-aggregator@v0.32.13
//   api@v0.33.13 apimachinery@v0.33.13 apiextensions-apiserver@v0.33.13 kube-aggregator@v0.33.13
//   api@v0.34.13 apimachinery@v0.34.13 apiextensions-apiserver@v0.34.13 kube-aggregator@v0.34.13
//   api@v0.35.10 apimachinery@v0.35.10 apiextensions-apiserver@v0.35.10 kube-aggregator@v0.35.10
//   api@v0.36.6 apimachinery@v0.36.6 apiextensions-apiserver@v0.36.6 kube-aggregator@v0.36.6
//   api@v0.37.2 apimachinery@v0.37.2 apiextensions-apiserver@v0.37.2 kube-aggregator@v0.37.2
export const schemaTable = `
# admission/v1 admission.k8s.io v1
AdmissionRequest uid:1string! kind:2meta/v1.GroupVersionKind! resource:3meta/v1.GroupVersionResource! subResource:4string name:5string namespace:6string operation:7string! userInfo:8authentication/v1.UserInfo! object:9runtime.RawExtension oldObject:10runtime.RawExtension dryRun:11*bool options:12runtime.RawExtension requestKind:13*meta/v1.GroupVersionKind requestResource:14*meta/v1.GroupVersionResource requestSubResource:15string
AdmissionResponse uid:1string! allowed:2bool! status:3*meta/v1.Status patch:4bytes patchType:5*string auditAnnotations:6{}string warnings:7[]string
AdmissionReview+ request:1*AdmissionRequest response:2*AdmissionResponse
# admission/v1beta1 admission.k8s.io v1beta1
AdmissionRequest uid:1string! kind:2meta/v1.GroupVersionKind! resource:3meta/v1.GroupVersionResource! subResource:4string name:5string namespace:6string operation:7string! userInfo:8authentication/v1.UserInfo! object:9runtime.RawExtension oldObject:10runtime.RawExtension dryRun:11*bool options:12runtime.RawExtension requestKind:13*meta/v1.GroupVersionKind requestResource:14*meta/v1.GroupVersionResource requestSubResource:15string
AdmissionResponse uid:1string! allowed:2bool! status:3*meta/v1.Status patch:4bytes patchType:5*string auditAnnotations:6{}string warnings:7[]string
AdmissionReview+ request:1*AdmissionRequest response:2*AdmissionResponse
# admissionregistration/v1 admissionregistration.k8s.io v1
ApplyConfiguration expression:1string
AuditAnnotation key:1string! valueExpression:2string!
ExpressionWarning fieldRef:2string! warning:3string!
JSONPatch expression:1string
MatchCondition name:1string! expression:2string!
MatchResources namespaceSelector:1*meta/v1.LabelSelector objectSelector:2*meta/v1.LabelSelector resourceRules:3[]NamedRuleWithOperations excludeResourceRules:4[]NamedRuleWithOperations matchPolicy:7*string
MutatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicySpec
MutatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicyBindingSpec
MutatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicyBinding!
MutatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources
MutatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicy!
MutatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources variables:3[]Variable mutations:4[]Mutation failurePolicy:5*string matchConditions:6[]MatchCondition reinvocationPolicy:7string
MutatingWebhook name:1string! clientConfig:2WebhookClientConfig! rules:3[]RuleWithOperations failurePolicy:4*string namespaceSelector:5*meta/v1.LabelSelector sideEffects:6*string! timeoutSeconds:7*int32 admissionReviewVersions:8[]string! matchPolicy:9*string reinvocationPolicy:10*string objectSelector:11*meta/v1.LabelSelector matchConditions:12[]MatchCondition
MutatingWebhookConfiguration+ metadata:1meta/v1.ObjectMeta webhooks:2[]MutatingWebhook
MutatingWebhookConfigurationList+ metadata:1meta/v1.ListMeta items:2[]MutatingWebhookConfiguration!
Mutation patchType:2string! applyConfiguration:3*ApplyConfiguration jsonPatch:4*JSONPatch
NamedRuleWithOperations resourceNames:1[]string :2RuleWithOperations
ParamKind apiVersion:1string kind:2string
ParamRef name:1string namespace:2string selector:3*meta/v1.LabelSelector parameterNotFoundAction:4*string
Rule apiGroups:1[]string apiVersions:2[]string resources:3[]string scope:4*string
RuleWithOperations operations:1[]string :2Rule
ServiceReference namespace:1string! name:2string! path:3*string port:4*int32
TypeChecking expressionWarnings:1[]ExpressionWarning
ValidatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicySpec status:3ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicyBinding!
ValidatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources validationActions:4[]string
ValidatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicy!
ValidatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources validations:3[]Validation failurePolicy:4*string auditAnnotations:5[]AuditAnnotation matchConditions:6[]MatchCondition variables:7[]Variable
ValidatingAdmissionPolicyStatus observedGeneration:1int64 typeChecking:2*TypeChecking conditions:3[]meta/v1.Condition
ValidatingWebhook name:1string! clientConfig:2WebhookClientConfig! rules:3[]RuleWithOperations failurePolicy:4*string namespaceSelector:5*meta/v1.LabelSelector sideEffects:6*string! timeoutSeconds:7*int32 admissionReviewVersions:8[]string! matchPolicy:9*string objectSelector:10*meta/v1.LabelSelector matchConditions:11[]MatchCondition
ValidatingWebhookConfiguration+ metadata:1meta/v1.ObjectMeta webhooks:2[]ValidatingWebhook
ValidatingWebhookConfigurationList+ metadata:1meta/v1.ListMeta items:2[]ValidatingWebhookConfiguration!
Validation expression:1string! message:2string reason:3*string messageExpression:4string
Variable name:1string! expression:2string!
WebhookClientConfig service:1*ServiceReference caBundle:2bytes url:3*string
# admissionregistration/v1alpha1 admissionregistration.k8s.io v1alpha1
ApplyConfiguration expression:1string
AuditAnnotation key:1string! valueExpression:2string!
ExpressionWarning fieldRef:2string! warning:3string!
JSONPatch expression:1string
MatchCondition name:1string! expression:2string!
MatchResources namespaceSelector:1*meta/v1.LabelSelector objectSelector:2*meta/v1.LabelSelector resourceRules:3[]NamedRuleWithOperations excludeResourceRules:4[]NamedRuleWithOperations matchPolicy:7*string
MutatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicySpec
MutatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicyBindingSpec
MutatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicyBinding!
MutatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources
MutatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicy!
MutatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources variables:3[]Variable mutations:4[]Mutation failurePolicy:5*string matchConditions:6[]MatchCondition reinvocationPolicy:7string
Mutation patchType:2string! applyConfiguration:3*ApplyConfiguration jsonPatch:4*JSONPatch
NamedRuleWithOperations resourceNames:1[]string :2admissionregistration/v1.RuleWithOperations
ParamKind apiVersion:1string kind:2string
ParamRef name:1string namespace:2string selector:3*meta/v1.LabelSelector parameterNotFoundAction:4*string
TypeChecking expressionWarnings:1[]ExpressionWarning
ValidatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicySpec status:3ValidatingAdmissionPolicyStatus^
ValidatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicyBinding!
ValidatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources validationActions:4[]string
ValidatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicy!
ValidatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources validations:3[]Validation failurePolicy:4*string auditAnnotations:5[]AuditAnnotation matchConditions:6[]MatchCondition variables:7[]Variable
ValidatingAdmissionPolicyStatus observedGeneration:1int64 typeChecking:2*TypeChecking conditions:3[]meta/v1.Condition
Validation expression:1string! message:2string reason:3*string messageExpression:4string
Variable name:1string! expression:2string!
# admissionregistration/v1beta1 admissionregistration.k8s.io v1beta1
ApplyConfiguration expression:1string
AuditAnnotation key:1string! valueExpression:2string!
ExpressionWarning fieldRef:2string! warning:3string!
JSONPatch expression:1string
MatchCondition name:1string! expression:2string!
MatchResources namespaceSelector:1*meta/v1.LabelSelector objectSelector:2*meta/v1.LabelSelector resourceRules:3[]NamedRuleWithOperations excludeResourceRules:4[]NamedRuleWithOperations matchPolicy:7*string
MutatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicySpec
MutatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2MutatingAdmissionPolicyBindingSpec
MutatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicyBinding!
MutatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources
MutatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]MutatingAdmissionPolicy!
MutatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources variables:3[]Variable mutations:4[]Mutation failurePolicy:5*string matchConditions:6[]MatchCondition reinvocationPolicy:7string
MutatingWebhook name:1string! clientConfig:2WebhookClientConfig! rules:3[]admissionregistration/v1.RuleWithOperations failurePolicy:4*string namespaceSelector:5*meta/v1.LabelSelector sideEffects:6*string timeoutSeconds:7*int32 admissionReviewVersions:8[]string matchPolicy:9*string reinvocationPolicy:10*string objectSelector:11*meta/v1.LabelSelector matchConditions:12[]MatchCondition
MutatingWebhookConfiguration+ metadata:1meta/v1.ObjectMeta webhooks:2[]MutatingWebhook
MutatingWebhookConfigurationList+ metadata:1meta/v1.ListMeta items:2[]MutatingWebhookConfiguration!
Mutation patchType:2string! applyConfiguration:3*ApplyConfiguration jsonPatch:4*JSONPatch
NamedRuleWithOperations resourceNames:1[]string :2admissionregistration/v1.RuleWithOperations
ParamKind apiVersion:1string kind:2string
ParamRef name:1string namespace:2string selector:3*meta/v1.LabelSelector parameterNotFoundAction:4*string
Rule apiGroups:1[]string apiVersions:2[]string resources:3[]string scope:4*string
RuleWithOperations operations:1[]string :2Rule
ServiceReference namespace:1string! name:2string! path:3*string port:4*int32
TypeChecking expressionWarnings:1[]ExpressionWarning
ValidatingAdmissionPolicy+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicySpec status:3ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding+ metadata:1meta/v1.ObjectMeta spec:2ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicyBinding!
ValidatingAdmissionPolicyBindingSpec policyName:1string paramRef:2*ParamRef matchResources:3*MatchResources validationActions:4[]string
ValidatingAdmissionPolicyList+ metadata:1meta/v1.ListMeta items:2[]ValidatingAdmissionPolicy!
ValidatingAdmissionPolicySpec paramKind:1*ParamKind matchConstraints:2*MatchResources validations:3[]Validation failurePolicy:4*string auditAnnotations:5[]AuditAnnotation matchConditions:6[]MatchCondition variables:7[]Variable
ValidatingAdmissionPolicyStatus observedGeneration:1int64 typeChecking:2*TypeChecking conditions:3[]meta/v1.Condition
ValidatingWebhook name:1string! clientConfig:2WebhookClientConfig! rules:3[]admissionregistration/v1.RuleWithOperations failurePolicy:4*string namespaceSelector:5*meta/v1.LabelSelector sideEffects:6*string timeoutSeconds:7*int32 admissionReviewVersions:8[]string matchPolicy:9*string objectSelector:10*meta/v1.LabelSelector matchConditions:11[]MatchCondition
ValidatingWebhookConfiguration+ metadata:1meta/v1.ObjectMeta webhooks:2[]ValidatingWebhook
ValidatingWebhookConfigurationList+ metadata:1meta/v1.ListMeta items:2[]ValidatingWebhookConfiguration!
Validation expression:1string! message:2string reason:3*string messageExpression:4string
Variable name:1string! expression:2string!
WebhookClientConfig service:1*ServiceReference caBundle:2bytes url:3*string
# apidiscovery/v2 apidiscovery.k8s.io v2
APIGroupDiscovery+ metadata:1meta/v1.ObjectMeta versions:2[]APIVersionDiscovery
APIGroupDiscoveryList+ metadata:1meta/v1.ListMeta items:2[]APIGroupDiscovery!
APIResourceDiscovery resource:1string! responseKind:2*meta/v1.GroupVersionKind scope:3string! singularResource:4string! verbs:5[]string! shortNames:6[]string categories:7[]string subresources:8[]APISubresourceDiscovery
APISubresourceDiscovery subresource:1string! responseKind:2*meta/v1.GroupVersionKind acceptedTypes:3[]meta/v1.GroupVersionKind verbs:4[]string!
APIVersionDiscovery version:1string! resources:2[]APIResourceDiscovery freshness:3string
# apidiscovery/v2beta1 apidiscovery.k8s.io v2beta1
APIGroupDiscovery+ metadata:1meta/v1.ObjectMeta versions:2[]APIVersionDiscovery
APIGroupDiscoveryList+ metadata:1meta/v1.ListMeta items:2[]APIGroupDiscovery!
APIResourceDiscovery resource:1string! responseKind:2*meta/v1.GroupVersionKind scope:3string! singularResource:4string! verbs:5[]string! shortNames:6[]string categories:7[]string subresources:8[]APISubresourceDiscovery
APISubresourceDiscovery subresource:1string! responseKind:2*meta/v1.GroupVersionKind acceptedTypes:3[]meta/v1.GroupVersionKind verbs:4[]string!
APIVersionDiscovery version:1string! resources:2[]APIResourceDiscovery freshness:3string
# apiextensions/v1 apiextensions.k8s.io v1
ConversionRequest uid:1string! desiredAPIVersion:2string! objects:3[]runtime.RawExtension!
ConversionResponse uid:1string! convertedObjects:2[]runtime.RawExtension! result:3meta/v1.Status!
ConversionReview+ request:1*ConversionRequest response:2*ConversionResponse
CustomResourceColumnDefinition name:1string! type:2string! format:3string description:4string priority:5int32 jsonPath:6string!
CustomResourceConversion strategy:1string! webhook:2*WebhookConversion
CustomResourceDefinition+ metadata:1meta/v1.ObjectMeta spec:2CustomResourceDefinitionSpec! status:3CustomResourceDefinitionStatus
CustomResourceDefinitionCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string observedGeneration:6int64
CustomResourceDefinitionList+ metadata:1meta/v1.ListMeta items:2[]CustomResourceDefinition!
CustomResourceDefinitionNames plural:1string! singular:2string shortNames:3[]string kind:4string! listKind:5string categories:6[]string
CustomResourceDefinitionSpec group:1string! names:3CustomResourceDefinitionNames! scope:4string! versions:7[]CustomResourceDefinitionVersion! conversion:9*CustomResourceConversion preserveUnknownFields:10bool
CustomResourceDefinitionStatus conditions:1[]CustomResourceDefinitionCondition! acceptedNames:2CustomResourceDefinitionNames! storedVersions:3[]string! observedGeneration:4int64
CustomResourceDefinitionVersion name:1string! served:2bool! storage:3bool! schema:4*CustomResourceValidation subresources:5*CustomResourceSubresources additionalPrinterColumns:6[]CustomResourceColumnDefinition deprecated:7bool deprecationWarning:8*string selectableFields:9[]SelectableField
CustomResourceSubresourceScale specReplicasPath:1string! statusReplicasPath:2string! labelSelectorPath:3*string
CustomResourceSubresourceStatus
CustomResourceSubresources status:1*CustomResourceSubresourceStatus scale:2*CustomResourceSubresourceScale
CustomResourceValidation openAPIV3Schema:1*JSONSchemaProps
ExternalDocumentation description:1string url:2string
JSON raw:1bytes!
JSONSchemaProps id:1string $schema:2string $ref:3*string description:4string type:5string format:6string title:7string default:8*JSON maximum:9*double exclusiveMaximum:10bool minimum:11*double exclusiveMinimum:12bool maxLength:13*int64 minLength:14*int64 pattern:15string maxItems:16*int64 minItems:17*int64 uniqueItems:18bool multipleOf:19*double enum:20[]JSON maxProperties:21*int64 minProperties:22*int64 required:23[]string items:24*JSONSchemaPropsOrArray allOf:25[]JSONSchemaProps oneOf:26[]JSONSchemaProps anyOf:27[]JSONSchemaProps not:28*JSONSchemaProps properties:29{}JSONSchemaProps additionalProperties:30*JSONSchemaPropsOrBool patternProperties:31{}JSONSchemaProps dependencies:32{}JSONSchemaPropsOrStringArray additionalItems:33*JSONSchemaPropsOrBool definitions:34{}JSONSchemaProps externalDocs:35*ExternalDocumentation example:36*JSON nullable:37bool x-kubernetes-preserve-unknown-fields:38*bool x-kubernetes-embedded-resource:39bool x-kubernetes-int-or-string:40bool x-kubernetes-list-map-keys:41[]string x-kubernetes-list-type:42*string x-kubernetes-map-type:43*string x-kubernetes-validations:44[]ValidationRule
JSONSchemaPropsOrArray schema:1*JSONSchemaProps! jSONSchemas:2[]JSONSchemaProps!
JSONSchemaPropsOrBool allows:1bool! schema:2*JSONSchemaProps!
JSONSchemaPropsOrStringArray schema:1*JSONSchemaProps! property:2[]string!
SelectableField jsonPath:1string!
ServiceReference namespace:1string! name:2string! path:3*string port:4*int32
ValidationRule rule:1string! message:2string messageExpression:3string reason:4*string fieldPath:5string optionalOldSelf:6*bool
WebhookClientConfig service:1*ServiceReference caBundle:2bytes url:3*string
WebhookConversion clientConfig:2*WebhookClientConfig conversionReviewVersions:3[]string!
# apiextensions/v1beta1 apiextensions.k8s.io v1beta1
ConversionRequest uid:1string! desiredAPIVersion:2string! objects:3[]runtime.RawExtension!
ConversionResponse uid:1string! convertedObjects:2[]runtime.RawExtension! result:3meta/v1.Status!
ConversionReview+ request:1*ConversionRequest response:2*ConversionResponse
CustomResourceColumnDefinition name:1string! type:2string! format:3string description:4string priority:5int32 JSONPath:6string!
CustomResourceConversion strategy:1string! webhookClientConfig:2*WebhookClientConfig conversionReviewVersions:3[]string
CustomResourceDefinition+ metadata:1meta/v1.ObjectMeta spec:2CustomResourceDefinitionSpec! status:3CustomResourceDefinitionStatus
CustomResourceDefinitionCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string observedGeneration:6int64
CustomResourceDefinitionList+ metadata:1meta/v1.ListMeta items:2[]CustomResourceDefinition!
CustomResourceDefinitionNames plural:1string! singular:2string shortNames:3[]string kind:4string! listKind:5string categories:6[]string
CustomResourceDefinitionSpec group:1string! version:2string names:3CustomResourceDefinitionNames! scope:4string! validation:5*CustomResourceValidation subresources:6*CustomResourceSubresources versions:7[]CustomResourceDefinitionVersion additionalPrinterColumns:8[]CustomResourceColumnDefinition conversion:9*CustomResourceConversion preserveUnknownFields:10*bool selectableFields:11[]SelectableField
CustomResourceDefinitionStatus conditions:1[]CustomResourceDefinitionCondition! acceptedNames:2CustomResourceDefinitionNames! storedVersions:3[]string! observedGeneration:4int64
CustomResourceDefinitionVersion name:1string! served:2bool! storage:3bool! schema:4*CustomResourceValidation subresources:5*CustomResourceSubresources additionalPrinterColumns:6[]CustomResourceColumnDefinition deprecated:7bool deprecationWarning:8*string selectableFields:9[]SelectableField
CustomResourceSubresourceScale specReplicasPath:1string! statusReplicasPath:2string! labelSelectorPath:3*string
CustomResourceSubresourceStatus
CustomResourceSubresources status:1*CustomResourceSubresourceStatus scale:2*CustomResourceSubresourceScale
CustomResourceValidation openAPIV3Schema:1*JSONSchemaProps
ExternalDocumentation description:1string url:2string
JSON raw:1bytes!
JSONSchemaProps id:1string $schema:2string $ref:3*string description:4string type:5string format:6string title:7string default:8*JSON maximum:9*double exclusiveMaximum:10bool minimum:11*double exclusiveMinimum:12bool maxLength:13*int64 minLength:14*int64 pattern:15string maxItems:16*int64 minItems:17*int64 uniqueItems:18bool multipleOf:19*double enum:20[]JSON maxProperties:21*int64 minProperties:22*int64 required:23[]string items:24*JSONSchemaPropsOrArray allOf:25[]JSONSchemaProps oneOf:26[]JSONSchemaProps anyOf:27[]JSONSchemaProps not:28*JSONSchemaProps properties:29{}JSONSchemaProps additionalProperties:30*JSONSchemaPropsOrBool patternProperties:31{}JSONSchemaProps dependencies:32{}JSONSchemaPropsOrStringArray additionalItems:33*JSONSchemaPropsOrBool definitions:34{}JSONSchemaProps externalDocs:35*ExternalDocumentation example:36*JSON nullable:37bool x-kubernetes-preserve-unknown-fields:38*bool x-kubernetes-embedded-resource:39bool x-kubernetes-int-or-string:40bool x-kubernetes-list-map-keys:41[]string x-kubernetes-list-type:42*string x-kubernetes-map-type:43*string x-kubernetes-validations:44[]ValidationRule
JSONSchemaPropsOrArray schema:1*JSONSchemaProps! jSONSchemas:2[]JSONSchemaProps!
JSONSchemaPropsOrBool allows:1bool! schema:2*JSONSchemaProps!
JSONSchemaPropsOrStringArray schema:1*JSONSchemaProps! property:2[]string!
SelectableField jsonPath:1string!
ServiceReference namespace:1string! name:2string! path:3*string port:4*int32
ValidationRule rule:1string! message:2string messageExpression:3string reason:4*string fieldPath:5string optionalOldSelf:6*bool
WebhookClientConfig service:1*ServiceReference caBundle:2bytes url:3*string
# apiregistration/v1 apiregistration.k8s.io v1
APIService+ metadata:1meta/v1.ObjectMeta spec:2APIServiceSpec status:3APIServiceStatus
APIServiceCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
APIServiceList+ metadata:1meta/v1.ListMeta items:2[]APIService!
APIServiceSpec service:1*ServiceReference group:2string version:3string insecureSkipTLSVerify:4bool caBundle:5bytes groupPriorityMinimum:7int32! versionPriority:8int32!
APIServiceStatus conditions:1[]APIServiceCondition
ServiceReference namespace:1string name:2string port:3*int32
# apiregistration/v1beta1 apiregistration.k8s.io v1beta1
APIService+ metadata:1meta/v1.ObjectMeta spec:2APIServiceSpec status:3APIServiceStatus
APIServiceCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
APIServiceList+ metadata:1meta/v1.ListMeta items:2[]APIService!
APIServiceSpec service:1*ServiceReference group:2string version:3string insecureSkipTLSVerify:4bool caBundle:5bytes groupPriorityMinimum:7int32! versionPriority:8int32!
APIServiceStatus conditions:1[]APIServiceCondition
ServiceReference namespace:1string name:2string port:3*int32
# apiserverinternal/v1alpha1 internal.apiserver.k8s.io v1alpha1
ServerStorageVersion apiServerID:1string encodingVersion:2string decodableVersions:3[]string servedVersions:4[]string
StorageVersion+ metadata:1meta/v1.ObjectMeta spec:2StorageVersionSpec! status:3StorageVersionStatus!
StorageVersionCondition type:1string! status:2string! observedGeneration:3int64 lastTransitionTime:4meta/v1.Time reason:5string! message:6string
StorageVersionList+ metadata:1meta/v1.ListMeta items:2[]StorageVersion!
StorageVersionSpec
StorageVersionStatus storageVersions:1[]ServerStorageVersion commonEncodingVersion:2*string conditions:3[]StorageVersionCondition
# apps/v1 apps v1
ControllerRevision+ metadata:1meta/v1.ObjectMeta data:2runtime.RawExtension! revision:3int64!
ControllerRevisionList+ metadata:1meta/v1.ListMeta items:2[]ControllerRevision!
DaemonSet+ metadata:1meta/v1.ObjectMeta spec:2DaemonSetSpec status:3DaemonSetStatus
DaemonSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
DaemonSetList+ metadata:1meta/v1.ListMeta items:2[]DaemonSet!
DaemonSetSpec selector:1*meta/v1.LabelSelector! template:2core/v1.PodTemplateSpec! updateStrategy:3DaemonSetUpdateStrategy minReadySeconds:4int32 revisionHistoryLimit:6*int32
DaemonSetStatus currentNumberScheduled:1int32! numberMisscheduled:2int32! desiredNumberScheduled:3int32! numberReady:4int32! observedGeneration:5int64 updatedNumberScheduled:6int32 numberAvailable:7int32 numberUnavailable:8int32 collisionCount:9*int32 conditions:10[]DaemonSetCondition
DaemonSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateDaemonSet
Deployment+ metadata:1meta/v1.ObjectMeta spec:2DeploymentSpec status:3DeploymentStatus
DeploymentCondition type:1string! status:2string! reason:4string message:5string lastUpdateTime:6meta/v1.Time lastTransitionTime:7meta/v1.Time
DeploymentList+ metadata:1meta/v1.ListMeta items:2[]Deployment!
DeploymentSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec! strategy:4DeploymentStrategy minReadySeconds:5int32 revisionHistoryLimit:6*int32 paused:7bool progressDeadlineSeconds:9*int32
DeploymentStatus observedGeneration:1int64 replicas:2int32 updatedReplicas:3int32 availableReplicas:4int32 unavailableReplicas:5int32 conditions:6[]DeploymentCondition readyReplicas:7int32 collisionCount:8*int32 terminatingReplicas:9*int32
DeploymentStrategy type:1string rollingUpdate:2*RollingUpdateDeployment
ReplicaSet+ metadata:1meta/v1.ObjectMeta spec:2ReplicaSetSpec status:3ReplicaSetStatus
ReplicaSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
ReplicaSetList+ metadata:1meta/v1.ListMeta items:2[]ReplicaSet!
ReplicaSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec minReadySeconds:4int32
ReplicaSetStatus replicas:1int32! fullyLabeledReplicas:2int32 observedGeneration:3int64 readyReplicas:4int32 availableReplicas:5int32 conditions:6[]ReplicaSetCondition terminatingReplicas:7*int32
RollingUpdateDaemonSet maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateDeployment maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateStatefulSetStrategy partition:1*int32 maxUnavailable:2*intstr.IntOrString
StatefulSet+ metadata:1meta/v1.ObjectMeta spec:2StatefulSetSpec status:3StatefulSetStatus
StatefulSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
StatefulSetList+ metadata:1meta/v1.ListMeta items:2[]StatefulSet!
StatefulSetOrdinals start:1int32!
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:1string whenScaled:2string
StatefulSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec! volumeClaimTemplates:4[]core/v1.PersistentVolumeClaim serviceName:5string! podManagementPolicy:6string updateStrategy:7StatefulSetUpdateStrategy revisionHistoryLimit:8*int32 minReadySeconds:9int32 persistentVolumeClaimRetentionPolicy:10*StatefulSetPersistentVolumeClaimRetentionPolicy ordinals:11*StatefulSetOrdinals
StatefulSetStatus observedGeneration:1int64 replicas:2int32! readyReplicas:3int32 currentReplicas:4int32 updatedReplicas:5int32 currentRevision:6string updateRevision:7string collisionCount:9*int32 conditions:10[]StatefulSetCondition availableReplicas:11int32!
StatefulSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateStatefulSetStrategy
# apps/v1beta1 apps v1beta1
ControllerRevision+ metadata:1meta/v1.ObjectMeta data:2runtime.RawExtension! revision:3int64!
ControllerRevisionList+ metadata:1meta/v1.ListMeta items:2[]ControllerRevision!
Deployment+ metadata:1meta/v1.ObjectMeta spec:2DeploymentSpec status:3DeploymentStatus
DeploymentCondition type:1string! status:2string! reason:4string message:5string lastUpdateTime:6meta/v1.Time lastTransitionTime:7meta/v1.Time
DeploymentList+ metadata:1meta/v1.ListMeta items:2[]Deployment!
DeploymentRollback+ name:1string! updatedAnnotations:2{}string rollbackTo:3RollbackConfig!
DeploymentSpec replicas:1*int32 selector:2*meta/v1.LabelSelector template:3core/v1.PodTemplateSpec! strategy:4DeploymentStrategy minReadySeconds:5int32 revisionHistoryLimit:6*int32 paused:7bool rollbackTo:8*RollbackConfig progressDeadlineSeconds:9*int32
DeploymentStatus observedGeneration:1int64 replicas:2int32 updatedReplicas:3int32 availableReplicas:4int32 unavailableReplicas:5int32 conditions:6[]DeploymentCondition readyReplicas:7int32 collisionCount:8*int32 terminatingReplicas:9*int32
DeploymentStrategy type:1string rollingUpdate:2*RollingUpdateDeployment
RollbackConfig revision:1int64
RollingUpdateDeployment maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateStatefulSetStrategy partition:1*int32 maxUnavailable:2*intstr.IntOrString
Scale+ metadata:1meta/v1.ObjectMeta spec:2ScaleSpec status:3ScaleStatus
ScaleSpec replicas:1int32
ScaleStatus replicas:1int32! selector:2{}string targetSelector:3string
StatefulSet+ metadata:1meta/v1.ObjectMeta spec:2StatefulSetSpec status:3StatefulSetStatus
StatefulSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
StatefulSetList+ metadata:1meta/v1.ListMeta items:2[]StatefulSet!
StatefulSetOrdinals start:1int32!
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:1string whenScaled:2string
StatefulSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector template:3core/v1.PodTemplateSpec! volumeClaimTemplates:4[]core/v1.PersistentVolumeClaim serviceName:5string! podManagementPolicy:6string updateStrategy:7StatefulSetUpdateStrategy revisionHistoryLimit:8*int32 minReadySeconds:9int32 persistentVolumeClaimRetentionPolicy:10*StatefulSetPersistentVolumeClaimRetentionPolicy ordinals:11*StatefulSetOrdinals
StatefulSetStatus observedGeneration:1*int64 replicas:2int32! readyReplicas:3int32 currentReplicas:4int32 updatedReplicas:5int32 currentRevision:6string updateRevision:7string collisionCount:9*int32 conditions:10[]StatefulSetCondition availableReplicas:11int32!
StatefulSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateStatefulSetStrategy
# apps/v1beta2 apps v1beta2
ControllerRevision+ metadata:1meta/v1.ObjectMeta data:2runtime.RawExtension! revision:3int64!
ControllerRevisionList+ metadata:1meta/v1.ListMeta items:2[]ControllerRevision!
DaemonSet+ metadata:1meta/v1.ObjectMeta spec:2DaemonSetSpec status:3DaemonSetStatus
DaemonSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
DaemonSetList+ metadata:1meta/v1.ListMeta items:2[]DaemonSet!
DaemonSetSpec selector:1*meta/v1.LabelSelector! template:2core/v1.PodTemplateSpec! updateStrategy:3DaemonSetUpdateStrategy minReadySeconds:4int32 revisionHistoryLimit:6*int32
DaemonSetStatus currentNumberScheduled:1int32! numberMisscheduled:2int32! desiredNumberScheduled:3int32! numberReady:4int32! observedGeneration:5int64 updatedNumberScheduled:6int32 numberAvailable:7int32 numberUnavailable:8int32 collisionCount:9*int32 conditions:10[]DaemonSetCondition
DaemonSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateDaemonSet
Deployment+ metadata:1meta/v1.ObjectMeta spec:2DeploymentSpec status:3DeploymentStatus
DeploymentCondition type:1string! status:2string! reason:4string message:5string lastUpdateTime:6meta/v1.Time lastTransitionTime:7meta/v1.Time
DeploymentList+ metadata:1meta/v1.ListMeta items:2[]Deployment!
DeploymentSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec! strategy:4DeploymentStrategy minReadySeconds:5int32 revisionHistoryLimit:6*int32 paused:7bool progressDeadlineSeconds:9*int32
DeploymentStatus observedGeneration:1int64 replicas:2int32 updatedReplicas:3int32 availableReplicas:4int32 unavailableReplicas:5int32 conditions:6[]DeploymentCondition readyReplicas:7int32 collisionCount:8*int32 terminatingReplicas:9*int32
DeploymentStrategy type:1string rollingUpdate:2*RollingUpdateDeployment
ReplicaSet+ metadata:1meta/v1.ObjectMeta spec:2ReplicaSetSpec status:3ReplicaSetStatus
ReplicaSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
ReplicaSetList+ metadata:1meta/v1.ListMeta items:2[]ReplicaSet!
ReplicaSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec minReadySeconds:4int32
ReplicaSetStatus replicas:1int32! fullyLabeledReplicas:2int32 observedGeneration:3int64 readyReplicas:4int32 availableReplicas:5int32 conditions:6[]ReplicaSetCondition terminatingReplicas:7*int32
RollingUpdateDaemonSet maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateDeployment maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateStatefulSetStrategy partition:1*int32 maxUnavailable:2*intstr.IntOrString
Scale+ metadata:1meta/v1.ObjectMeta spec:2ScaleSpec status:3ScaleStatus
ScaleSpec replicas:1int32
ScaleStatus replicas:1int32! selector:2{}string targetSelector:3string
StatefulSet+ metadata:1meta/v1.ObjectMeta spec:2StatefulSetSpec status:3StatefulSetStatus
StatefulSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
StatefulSetList+ metadata:1meta/v1.ListMeta items:2[]StatefulSet!
StatefulSetOrdinals start:1int32!
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:1string whenScaled:2string
StatefulSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector! template:3core/v1.PodTemplateSpec! volumeClaimTemplates:4[]core/v1.PersistentVolumeClaim serviceName:5string! podManagementPolicy:6string updateStrategy:7StatefulSetUpdateStrategy revisionHistoryLimit:8*int32 minReadySeconds:9int32 persistentVolumeClaimRetentionPolicy:10*StatefulSetPersistentVolumeClaimRetentionPolicy ordinals:11*StatefulSetOrdinals
StatefulSetStatus observedGeneration:1int64 replicas:2int32! readyReplicas:3int32 currentReplicas:4int32 updatedReplicas:5int32 currentRevision:6string updateRevision:7string collisionCount:9*int32 conditions:10[]StatefulSetCondition availableReplicas:11int32!
StatefulSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateStatefulSetStrategy
# auditregistration/v1alpha1 auditregistration.k8s.io v1alpha1
AuditSink+ metadata:1meta/v1.ObjectMeta spec:2AuditSinkSpec
AuditSinkList+ metadata:1meta/v1.ListMeta items:2[]AuditSink!
AuditSinkSpec policy:1Policy! webhook:2Webhook!
Policy level:1string! stages:2[]string!
ServiceReference namespace:1string! name:2string! path:3*string port:4*int32
Webhook throttle:1*WebhookThrottleConfig clientConfig:2WebhookClientConfig!
WebhookClientConfig url:1*string service:2*ServiceReference caBundle:3bytes
WebhookThrottleConfig qps:1*int64 burst:2*int64
# authentication/v1 authentication.k8s.io v1
AttestationValue[] items:1[]string
BoundObjectReference kind:1string apiVersion:2string name:3string uid:4string
ExtraValue[] items:1[]string
SelfSubjectReview+ metadata:1meta/v1.ObjectMeta status:2SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:1UserInfo
TokenRequest+ metadata:1meta/v1.ObjectMeta spec:2TokenRequestSpec! status:3TokenRequestStatus
TokenRequestSpec audiences:1[]string! boundObjectRef:3*BoundObjectReference! expirationSeconds:4*int64! attestations:5{}AttestationValue
TokenRequestStatus token:1string! expirationTimestamp:2meta/v1.Time!
TokenReview+ metadata:1meta/v1.ObjectMeta spec:2TokenReviewSpec! status:3TokenReviewStatus
TokenReviewSpec token:1string audiences:2[]string
TokenReviewStatus authenticated:1bool user:2UserInfo error:3string audiences:4[]string
UserInfo username:1string uid:2string groups:3[]string extra:4{}ExtraValue
# authentication/v1alpha1 authentication.k8s.io v1alpha1
SelfSubjectReview+ metadata:1meta/v1.ObjectMeta status:2SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:1authentication/v1.UserInfo
# authentication/v1beta1 authentication.k8s.io v1beta1
ExtraValue[] items:1[]string
SelfSubjectReview+ metadata:1meta/v1.ObjectMeta status:2SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:1authentication/v1.UserInfo
TokenReview+ metadata:1meta/v1.ObjectMeta spec:2TokenReviewSpec! status:3TokenReviewStatus
TokenReviewSpec token:1string audiences:2[]string
TokenReviewStatus authenticated:1bool user:2UserInfo error:3string audiences:4[]string
UserInfo username:1string uid:2string groups:3[]string extra:4{}ExtraValue
# authorization/v1 authorization.k8s.io v1
ExtraValue[] items:1[]string
FieldSelectorAttributes rawSelector:1string requirements:2[]meta/v1.FieldSelectorRequirement
LabelSelectorAttributes rawSelector:1string requirements:2[]meta/v1.LabelSelectorRequirement
LocalSubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
NonResourceAttributes path:1string verb:2string
NonResourceRule verbs:1[]string! nonResourceURLs:2[]string
ResourceAttributes namespace:1string verb:2string group:3string version:4string resource:5string subresource:6string name:7string fieldSelector:8*FieldSelectorAttributes labelSelector:9*LabelSelectorAttributes
ResourceRule verbs:1[]string! apiGroups:2[]string resources:3[]string resourceNames:4[]string
SelfSubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SelfSubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec resourceAttributes:1*ResourceAttributes nonResourceAttributes:2*NonResourceAttributes
SelfSubjectRulesReview+ metadata:1meta/v1.ObjectMeta spec:2SelfSubjectRulesReviewSpec! status:3SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec namespace:1string
SubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
SubjectAccessReviewSpec resourceAttributes:1*ResourceAttributes nonResourceAttributes:2*NonResourceAttributes user:3string groups:4[]string extra:5{}ExtraValue uid:6string
SubjectAccessReviewStatus allowed:1bool! reason:2string evaluationError:3string denied:4bool
SubjectRulesReviewStatus resourceRules:1[]ResourceRule! nonResourceRules:2[]NonResourceRule! incomplete:3bool! evaluationError:4string
# authorization/v1beta1 authorization.k8s.io v1beta1
ExtraValue[] items:1[]string
LocalSubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
NonResourceAttributes path:1string verb:2string
NonResourceRule verbs:1[]string! nonResourceURLs:2[]string
ResourceAttributes namespace:1string verb:2string group:3string version:4string resource:5string subresource:6string name:7string fieldSelector:8*authorization/v1.FieldSelectorAttributes labelSelector:9*authorization/v1.LabelSelectorAttributes
ResourceRule verbs:1[]string! apiGroups:2[]string resources:3[]string resourceNames:4[]string
SelfSubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SelfSubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec resourceAttributes:1*ResourceAttributes nonResourceAttributes:2*NonResourceAttributes
SelfSubjectRulesReview+ metadata:1meta/v1.ObjectMeta spec:2SelfSubjectRulesReviewSpec! status:3SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec namespace:1string
SubjectAccessReview+ metadata:1meta/v1.ObjectMeta spec:2SubjectAccessReviewSpec! status:3SubjectAccessReviewStatus
SubjectAccessReviewSpec resourceAttributes:1*ResourceAttributes nonResourceAttributes:2*NonResourceAttributes user:3string group:4[]string extra:5{}ExtraValue uid:6string
SubjectAccessReviewStatus allowed:1bool! reason:2string evaluationError:3string denied:4bool
SubjectRulesReviewStatus resourceRules:1[]ResourceRule! nonResourceRules:2[]NonResourceRule! incomplete:3bool! evaluationError:4string
# autoscaling/v1 autoscaling v1
ContainerResourceMetricSource name:1string! targetAverageUtilization:2*int32 targetAverageValue:3*resource.Quantity container:5string!
ContainerResourceMetricStatus name:1string! currentAverageUtilization:2*int32 currentAverageValue:3resource.Quantity! container:4string!
CrossVersionObjectReference kind:1string! name:2string! apiVersion:3string
ExternalMetricSource metricName:1string! metricSelector:2*meta/v1.LabelSelector targetValue:3*resource.Quantity targetAverageValue:4*resource.Quantity
ExternalMetricStatus metricName:1string! metricSelector:2*meta/v1.LabelSelector currentValue:3resource.Quantity! currentAverageValue:4*resource.Quantity
HorizontalPodAutoscaler+ metadata:1meta/v1.ObjectMeta spec:2HorizontalPodAutoscalerSpec status:3HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string observedGeneration:6*int64
HorizontalPodAutoscalerList+ metadata:1meta/v1.ListMeta items:2[]HorizontalPodAutoscaler!
HorizontalPodAutoscalerSpec scaleTargetRef:1CrossVersionObjectReference! minReplicas:2*int32 maxReplicas:3int32! targetCPUUtilizationPercentage:4*int32
HorizontalPodAutoscalerStatus observedGeneration:1*int64 lastScaleTime:2*meta/v1.Time currentReplicas:3int32! desiredReplicas:4int32! currentCPUUtilizationPercentage:5*int32
MetricSpec type:1string! object:2*ObjectMetricSource pods:3*PodsMetricSource resource:4*ResourceMetricSource external:5*ExternalMetricSource containerResource:7*ContainerResourceMetricSource
MetricStatus type:1string! object:2*ObjectMetricStatus pods:3*PodsMetricStatus resource:4*ResourceMetricStatus external:5*ExternalMetricStatus containerResource:7*ContainerResourceMetricStatus
ObjectMetricSource target:1CrossVersionObjectReference! metricName:2string! targetValue:3resource.Quantity! selector:4*meta/v1.LabelSelector averageValue:5*resource.Quantity
ObjectMetricStatus target:1CrossVersionObjectReference! metricName:2string! currentValue:3resource.Quantity! selector:4*meta/v1.LabelSelector averageValue:5*resource.Quantity
PodsMetricSource metricName:1string! targetAverageValue:2resource.Quantity! selector:3*meta/v1.LabelSelector
PodsMetricStatus metricName:1string! currentAverageValue:2resource.Quantity! selector:3*meta/v1.LabelSelector
ResourceMetricSource name:1string! targetAverageUtilization:2*int32 targetAverageValue:3*resource.Quantity
ResourceMetricStatus name:1string! currentAverageUtilization:2*int32 currentAverageValue:3resource.Quantity!
Scale+ metadata:1meta/v1.ObjectMeta spec:2ScaleSpec status:3ScaleStatus
ScaleSpec replicas:1int32
ScaleStatus replicas:1int32! selector:2string
# autoscaling/v2 autoscaling v2
ContainerResourceMetricSource name:1string! target:2MetricTarget! container:3string!
ContainerResourceMetricStatus name:1string! current:2MetricValueStatus! container:3string!
CrossVersionObjectReference kind:1string! name:2string! apiVersion:3string
ExternalMetricSource metric:1MetricIdentifier! target:2MetricTarget!
ExternalMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus!
HPAScalingPolicy type:1string! value:2int32! periodSeconds:3int32!
HPAScalingRules selectPolicy:1*string policies:2[]HPAScalingPolicy stabilizationWindowSeconds:3*int32 tolerance:4*resource.Quantity
HorizontalPodAutoscaler+ metadata:1meta/v1.ObjectMeta spec:2HorizontalPodAutoscalerSpec status:3HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleUp:1*HPAScalingRules scaleDown:2*HPAScalingRules
HorizontalPodAutoscalerCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string observedGeneration:6*int64
HorizontalPodAutoscalerList+ metadata:1meta/v1.ListMeta items:2[]HorizontalPodAutoscaler!
HorizontalPodAutoscalerSpec scaleTargetRef:1CrossVersionObjectReference! minReplicas:2*int32 maxReplicas:3int32! metrics:4[]MetricSpec behavior:5*HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus observedGeneration:1*int64 lastScaleTime:2*meta/v1.Time currentReplicas:3int32 desiredReplicas:4int32! currentMetrics:5[]MetricStatus! conditions:6[]HorizontalPodAutoscalerCondition
MetricIdentifier name:1string! selector:2*meta/v1.LabelSelector
MetricSpec type:1string! object:2*ObjectMetricSource pods:3*PodsMetricSource resource:4*ResourceMetricSource external:5*ExternalMetricSource containerResource:7*ContainerResourceMetricSource
MetricStatus type:1string! object:2*ObjectMetricStatus pods:3*PodsMetricStatus resource:4*ResourceMetricStatus external:5*ExternalMetricStatus containerResource:7*ContainerResourceMetricStatus
MetricTarget type:1string! value:2*resource.Quantity averageValue:3*resource.Quantity averageUtilization:4*int32
MetricValueStatus value:1*resource.Quantity averageValue:2*resource.Quantity averageUtilization:3*int32
ObjectMetricSource describedObject:1CrossVersionObjectReference! target:2MetricTarget! metric:3MetricIdentifier!
ObjectMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus! describedObject:3CrossVersionObjectReference!
PodsMetricSource metric:1MetricIdentifier! target:2MetricTarget!
PodsMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus!
ResourceMetricSource name:1string! target:2MetricTarget!
ResourceMetricStatus name:1string! current:2MetricValueStatus!
# autoscaling/v2beta1 autoscaling v2beta1
ContainerResourceMetricSource name:1string! targetAverageUtilization:2*int32 targetAverageValue:3*resource.Quantity container:4string!
ContainerResourceMetricStatus name:1string! currentAverageUtilization:2*int32 currentAverageValue:3resource.Quantity! container:4string!
CrossVersionObjectReference kind:1string! name:2string! apiVersion:3string
ExternalMetricSource metricName:1string! metricSelector:2*meta/v1.LabelSelector targetValue:3*resource.Quantity targetAverageValue:4*resource.Quantity
ExternalMetricStatus metricName:1string! metricSelector:2*meta/v1.LabelSelector currentValue:3resource.Quantity! currentAverageValue:4*resource.Quantity
HorizontalPodAutoscaler+ metadata:1meta/v1.ObjectMeta spec:2HorizontalPodAutoscalerSpec status:3HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
HorizontalPodAutoscalerList+ metadata:1meta/v1.ListMeta items:2[]HorizontalPodAutoscaler!
HorizontalPodAutoscalerSpec scaleTargetRef:1CrossVersionObjectReference! minReplicas:2*int32 maxReplicas:3int32! metrics:4[]MetricSpec
HorizontalPodAutoscalerStatus observedGeneration:1*int64 lastScaleTime:2*meta/v1.Time currentReplicas:3int32! desiredReplicas:4int32! currentMetrics:5[]MetricStatus! conditions:6[]HorizontalPodAutoscalerCondition!
MetricSpec type:1string! object:2*ObjectMetricSource pods:3*PodsMetricSource resource:4*ResourceMetricSource external:5*ExternalMetricSource containerResource:7*ContainerResourceMetricSource
MetricStatus type:1string! object:2*ObjectMetricStatus pods:3*PodsMetricStatus resource:4*ResourceMetricStatus external:5*ExternalMetricStatus containerResource:7*ContainerResourceMetricStatus
ObjectMetricSource target:1CrossVersionObjectReference! metricName:2string! targetValue:3resource.Quantity! selector:4*meta/v1.LabelSelector averageValue:5*resource.Quantity
ObjectMetricStatus target:1CrossVersionObjectReference! metricName:2string! currentValue:3resource.Quantity! selector:4*meta/v1.LabelSelector averageValue:5*resource.Quantity
PodsMetricSource metricName:1string! targetAverageValue:2resource.Quantity! selector:3*meta/v1.LabelSelector
PodsMetricStatus metricName:1string! currentAverageValue:2resource.Quantity! selector:3*meta/v1.LabelSelector
ResourceMetricSource name:1string! targetAverageUtilization:2*int32 targetAverageValue:3*resource.Quantity
ResourceMetricStatus name:1string! currentAverageUtilization:2*int32 currentAverageValue:3resource.Quantity!
# autoscaling/v2beta2 autoscaling v2beta2
ContainerResourceMetricSource name:1string! target:2MetricTarget! container:3string!
ContainerResourceMetricStatus name:1string! current:2MetricValueStatus! container:3string!
CrossVersionObjectReference kind:1string! name:2string! apiVersion:3string
ExternalMetricSource metric:1MetricIdentifier! target:2MetricTarget!
ExternalMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus!
HPAScalingPolicy type:1string! value:2int32! periodSeconds:3int32!
HPAScalingRules selectPolicy:1*string policies:2[]HPAScalingPolicy stabilizationWindowSeconds:3*int32
HorizontalPodAutoscaler+ metadata:1meta/v1.ObjectMeta spec:2HorizontalPodAutoscalerSpec status:3HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleUp:1*HPAScalingRules scaleDown:2*HPAScalingRules
HorizontalPodAutoscalerCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
HorizontalPodAutoscalerList+ metadata:1meta/v1.ListMeta items:2[]HorizontalPodAutoscaler!
HorizontalPodAutoscalerSpec scaleTargetRef:1CrossVersionObjectReference! minReplicas:2*int32 maxReplicas:3int32! metrics:4[]MetricSpec behavior:5*HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus observedGeneration:1*int64 lastScaleTime:2*meta/v1.Time currentReplicas:3int32! desiredReplicas:4int32! currentMetrics:5[]MetricStatus! conditions:6[]HorizontalPodAutoscalerCondition!
MetricIdentifier name:1string! selector:2*meta/v1.LabelSelector
MetricSpec type:1string! object:2*ObjectMetricSource pods:3*PodsMetricSource resource:4*ResourceMetricSource external:5*ExternalMetricSource containerResource:7*ContainerResourceMetricSource
MetricStatus type:1string! object:2*ObjectMetricStatus pods:3*PodsMetricStatus resource:4*ResourceMetricStatus external:5*ExternalMetricStatus containerResource:7*ContainerResourceMetricStatus
MetricTarget type:1string! value:2*resource.Quantity averageValue:3*resource.Quantity averageUtilization:4*int32
MetricValueStatus value:1*resource.Quantity averageValue:2*resource.Quantity averageUtilization:3*int32
ObjectMetricSource describedObject:1CrossVersionObjectReference! target:2MetricTarget! metric:3MetricIdentifier!
ObjectMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus! describedObject:3CrossVersionObjectReference!
PodsMetricSource metric:1MetricIdentifier! target:2MetricTarget!
PodsMetricStatus metric:1MetricIdentifier! current:2MetricValueStatus!
ResourceMetricSource name:1string! target:2MetricTarget!
ResourceMetricStatus name:1string! current:2MetricValueStatus!
# batch/v1 batch v1
CronJob+ metadata:1meta/v1.ObjectMeta spec:2CronJobSpec status:3CronJobStatus
CronJobList+ metadata:1meta/v1.ListMeta items:2[]CronJob!
CronJobSpec schedule:1string! startingDeadlineSeconds:2*int64 concurrencyPolicy:3string suspend:4*bool jobTemplate:5JobTemplateSpec! successfulJobsHistoryLimit:6*int32 failedJobsHistoryLimit:7*int32 timeZone:8*string
CronJobStatus active:1[]core/v1.ObjectReference lastScheduleTime:4*meta/v1.Time lastSuccessfulTime:5*meta/v1.Time
Job+ metadata:1meta/v1.ObjectMeta spec:2JobSpec status:3JobStatus
JobCondition type:1string! status:2string! lastProbeTime:3meta/v1.Time lastTransitionTime:4meta/v1.Time reason:5string message:6string
JobList+ metadata:1meta/v1.ListMeta items:2[]Job!
JobSchedulingConfiguration schedulingPolicy:1*scheduling/v1alpha3.WorkloadPodGroupSchedulingPolicy schedulingConstraints:2*scheduling/v1alpha3.WorkloadPodGroupSchedulingConstraints disruptionMode:3*scheduling/v1alpha3.WorkloadPodGroupDisruptionMode resourceClaims:4[]scheduling/v1alpha3.WorkloadPodGroupResourceClaim
JobSpec parallelism:1*int32 completions:2*int32 activeDeadlineSeconds:3*int64 selector:4*meta/v1.LabelSelector manualSelector:5*bool template:6core/v1.PodTemplateSpec! backoffLimit:7*int32 ttlSecondsAfterFinished:8*int32 completionMode:9*string suspend:10*bool podFailurePolicy:11*PodFailurePolicy backoffLimitPerIndex:12*int32 maxFailedIndexes:13*int32 podReplacementPolicy:14*string managedBy:15*string successPolicy:16*SuccessPolicy scheduling:17*JobSchedulingConfiguration
JobStatus conditions:1[]JobCondition startTime:2*meta/v1.Time completionTime:3*meta/v1.Time active:4int32 succeeded:5int32 failed:6int32 completedIndexes:7string uncountedTerminatedPods:8*UncountedTerminatedPods ready:9*int32 failedIndexes:10*string terminating:11*int32
JobTemplateSpec metadata:1meta/v1.ObjectMeta spec:2JobSpec
PodFailurePolicy rules:1[]PodFailurePolicyRule!
PodFailurePolicyOnExitCodesRequirement containerName:1*string operator:2string! values:3[]int32!
PodFailurePolicyOnPodConditionsPattern type:1string! status:2string!
PodFailurePolicyRule action:1string! onExitCodes:2*PodFailurePolicyOnExitCodesRequirement onPodConditions:3[]PodFailurePolicyOnPodConditionsPattern
SuccessPolicy rules:1[]SuccessPolicyRule!
SuccessPolicyRule succeededIndexes:1*string succeededCount:2*int32
UncountedTerminatedPods succeeded:1[]string failed:2[]string
# batch/v1beta1 batch v1beta1
CronJob+ metadata:1meta/v1.ObjectMeta spec:2CronJobSpec status:3CronJobStatus
CronJobList+ metadata:1meta/v1.ListMeta items:2[]CronJob!
CronJobSpec schedule:1string! startingDeadlineSeconds:2*int64 concurrencyPolicy:3string suspend:4*bool jobTemplate:5JobTemplateSpec! successfulJobsHistoryLimit:6*int32 failedJobsHistoryLimit:7*int32 timeZone:8*string
CronJobStatus active:1[]core/v1.ObjectReference lastScheduleTime:4*meta/v1.Time lastSuccessfulTime:5*meta/v1.Time
JobTemplate+ metadata:1meta/v1.ObjectMeta template:2JobTemplateSpec
JobTemplateSpec metadata:1meta/v1.ObjectMeta spec:2batch/v1.JobSpec
# batch/v2alpha1 batch v2alpha1
CronJob+ metadata:1meta/v1.ObjectMeta spec:2CronJobSpec status:3CronJobStatus
CronJobList+ metadata:1meta/v1.ListMeta items:2[]CronJob!
CronJobSpec schedule:1string! startingDeadlineSeconds:2*int64 concurrencyPolicy:3string suspend:4*bool jobTemplate:5JobTemplateSpec! successfulJobsHistoryLimit:6*int32 failedJobsHistoryLimit:7*int32
CronJobStatus active:1[]core/v1.ObjectReference lastScheduleTime:4*meta/v1.Time
JobTemplate+ metadata:1meta/v1.ObjectMeta template:2JobTemplateSpec
JobTemplateSpec metadata:1meta/v1.ObjectMeta spec:2batch/v1.JobSpec
# certificates/v1 certificates.k8s.io v1
CertificateSigningRequest+ metadata:1meta/v1.ObjectMeta spec:2CertificateSigningRequestSpec! status:3CertificateSigningRequestStatus
CertificateSigningRequestCondition type:1string! reason:2string message:3string lastUpdateTime:4meta/v1.Time lastTransitionTime:5meta/v1.Time status:6string!
CertificateSigningRequestList+ metadata:1meta/v1.ListMeta items:2[]CertificateSigningRequest!
CertificateSigningRequestSpec request:1bytes! username:2string uid:3string groups:4[]string usages:5[]string extra:6{}ExtraValue signerName:7string! expirationSeconds:8*int32
CertificateSigningRequestStatus conditions:1[]CertificateSigningRequestCondition certificate:2bytes
ClusterTrustBundle+ metadata:1meta/v1.ObjectMeta spec:2ClusterTrustBundleSpec!
ClusterTrustBundleList+ metadata:1meta/v1.ListMeta items:2[]ClusterTrustBundle!
ClusterTrustBundleSpec signerName:1string trustBundle:2string!
ExtraValue[] items:1[]string
PodCertificateRequest+ metadata:1meta/v1.ObjectMeta spec:2PodCertificateRequestSpec! status:3PodCertificateRequestStatus
PodCertificateRequestList+ metadata:1meta/v1.ListMeta items:2[]PodCertificateRequest!
PodCertificateRequestSpec signerName:1string! podName:2string! podUID:3string! serviceAccountName:4string! serviceAccountUID:5string! nodeName:6string! nodeUID:7string! maxExpirationSeconds:8*int32 unverifiedUserAnnotations:11{}string stubPKCS10Request:12bytes!
PodCertificateRequestStatus conditions:1[]meta/v1.Condition certificateChain:2string notBefore:4*meta/v1.Time beginRefreshAt:5*meta/v1.Time notAfter:6*meta/v1.Time
# certificates/v1alpha1 certificates.k8s.io v1alpha1
ClusterTrustBundle+ metadata:1meta/v1.ObjectMeta spec:2ClusterTrustBundleSpec!
ClusterTrustBundleList+ metadata:1meta/v1.ListMeta items:2[]ClusterTrustBundle!
ClusterTrustBundleSpec signerName:1string trustBundle:2string!
PodCertificateRequest+ metadata:1meta/v1.ObjectMeta spec:2PodCertificateRequestSpec! status:3PodCertificateRequestStatus
PodCertificateRequestList+ metadata:1meta/v1.ListMeta items:2[]PodCertificateRequest!
PodCertificateRequestSpec signerName:1string! podName:2string! podUID:3string! serviceAccountName:4string! serviceAccountUID:5string! nodeName:6string! nodeUID:7string! maxExpirationSeconds:8*int32 pkixPublicKey:9bytes! proofOfPossession:10bytes!
PodCertificateRequestStatus conditions:1[]meta/v1.Condition certificateChain:2string notBefore:4*meta/v1.Time beginRefreshAt:5*meta/v1.Time notAfter:6*meta/v1.Time
# certificates/v1beta1 certificates.k8s.io v1beta1
CertificateSigningRequest+ metadata:1meta/v1.ObjectMeta spec:2CertificateSigningRequestSpec! status:3CertificateSigningRequestStatus
CertificateSigningRequestCondition type:1string! reason:2string message:3string lastUpdateTime:4meta/v1.Time lastTransitionTime:5meta/v1.Time^ status:6string!
CertificateSigningRequestList+ metadata:1meta/v1.ListMeta items:2[]CertificateSigningRequest!
CertificateSigningRequestSpec request:1bytes! username:2string uid:3string groups:4[]string usages:5[]string extra:6{}ExtraValue signerName:7*string expirationSeconds:8*int32
CertificateSigningRequestStatus conditions:1[]CertificateSigningRequestCondition certificate:2bytes
ClusterTrustBundle+ metadata:1meta/v1.ObjectMeta spec:2ClusterTrustBundleSpec!
ClusterTrustBundleList+ metadata:1meta/v1.ListMeta items:2[]ClusterTrustBundle!
ClusterTrustBundleSpec signerName:1string trustBundle:2string!
ExtraValue[] items:1[]string
PodCertificateRequest+ metadata:1meta/v1.ObjectMeta spec:2PodCertificateRequestSpec! status:3PodCertificateRequestStatus
PodCertificateRequestList+ metadata:1meta/v1.ListMeta items:2[]PodCertificateRequest!
PodCertificateRequestSpec signerName:1string! podName:2string! podUID:3string! serviceAccountName:4string! serviceAccountUID:5string! nodeName:6string! nodeUID:7string! maxExpirationSeconds:8*int32 pkixPublicKey:9bytes! proofOfPossession:10bytes! unverifiedUserAnnotations:11{}string stubPKCS10Request:12bytes!
PodCertificateRequestStatus conditions:1[]meta/v1.Condition certificateChain:2string notBefore:4*meta/v1.Time beginRefreshAt:5*meta/v1.Time notAfter:6*meta/v1.Time
# coordination/v1 coordination.k8s.io v1
Lease+ metadata:1meta/v1.ObjectMeta spec:2LeaseSpec
LeaseList+ metadata:1meta/v1.ListMeta items:2[]Lease!
LeaseSpec holderIdentity:1*string leaseDurationSeconds:2*int32 acquireTime:3*meta/v1.MicroTime renewTime:4*meta/v1.MicroTime leaseTransitions:5*int32 strategy:6*string preferredHolder:7*string
# coordination/v1alpha1 coordination.k8s.io v1alpha1
LeaseCandidate+ metadata:1meta/v1.ObjectMeta spec:2LeaseCandidateSpec
LeaseCandidateList+ metadata:1meta/v1.ListMeta items:2[]LeaseCandidate!
LeaseCandidateSpec leaseName:1string! pingTime:2*meta/v1.MicroTime renewTime:3*meta/v1.MicroTime binaryVersion:4string emulationVersion:5string preferredStrategies:6[]string
# coordination/v1alpha2 coordination.k8s.io v1alpha2
LeaseCandidate+ metadata:1meta/v1.ObjectMeta spec:2LeaseCandidateSpec
LeaseCandidateList+ metadata:1meta/v1.ListMeta items:2[]LeaseCandidate!
LeaseCandidateSpec leaseName:1string! pingTime:2*meta/v1.MicroTime renewTime:3*meta/v1.MicroTime binaryVersion:4string! emulationVersion:5string strategy:6string
# coordination/v1beta1 coordination.k8s.io v1beta1
Lease+ metadata:1meta/v1.ObjectMeta spec:2LeaseSpec
LeaseCandidate+ metadata:1meta/v1.ObjectMeta spec:2LeaseCandidateSpec
LeaseCandidateList+ metadata:1meta/v1.ListMeta items:2[]LeaseCandidate!
LeaseCandidateSpec leaseName:1string! pingTime:2*meta/v1.MicroTime renewTime:3*meta/v1.MicroTime binaryVersion:4string! emulationVersion:5string strategy:6string
LeaseList+ metadata:1meta/v1.ListMeta items:2[]Lease!
LeaseSpec holderIdentity:1*string leaseDurationSeconds:2*int32 acquireTime:3*meta/v1.MicroTime renewTime:4*meta/v1.MicroTime leaseTransitions:5*int32 strategy:6*string preferredHolder:7*string
# core/v1  v1
AWSElasticBlockStoreVolumeSource volumeID:1string! fsType:2string partition:3int32 readOnly:4bool
Affinity nodeAffinity:1*NodeAffinity podAffinity:2*PodAffinity podAntiAffinity:3*PodAntiAffinity
AppArmorProfile type:1string! localhostProfile:2*string
AttachedVolume name:1string! devicePath:2string!
AvoidPods preferAvoidPods:1[]PreferAvoidPodsEntry
AzureDiskVolumeSource diskName:1string! diskURI:2string! cachingMode:3*string fsType:4*string readOnly:5*bool kind:6*string
AzureFilePersistentVolumeSource secretName:1string! shareName:2string! readOnly:3bool secretNamespace:4*string!
AzureFileVolumeSource secretName:1string! shareName:2string! readOnly:3bool
Binding+ metadata:1meta/v1.ObjectMeta target:2ObjectReference!
CSIPersistentVolumeSource driver:1string! volumeHandle:2string! readOnly:3bool fsType:4string volumeAttributes:5{}string controllerPublishSecretRef:6*SecretReference nodeStageSecretRef:7*SecretReference nodePublishSecretRef:8*SecretReference controllerExpandSecretRef:9*SecretReference nodeExpandSecretRef:10*SecretReference
CSIVolumeSource driver:1string! readOnly:2*bool fsType:3*string volumeAttributes:4{}string nodePublishSecretRef:5*LocalObjectReference
Capabilities add:1[]string drop:2[]string
CephFSPersistentVolumeSource monitors:1[]string! path:2string user:3string secretFile:4string secretRef:5*SecretReference readOnly:6bool
CephFSVolumeSource monitors:1[]string! path:2string user:3string secretFile:4string secretRef:5*LocalObjectReference readOnly:6bool
CinderPersistentVolumeSource volumeID:1string! fsType:2string readOnly:3bool secretRef:4*SecretReference
CinderVolumeSource volumeID:1string! fsType:2string readOnly:3bool secretRef:4*LocalObjectReference
ClaimSource resourceClaimName:1*string resourceClaimTemplateName:2*string
ClientIPConfig timeoutSeconds:1*int32
ClusterTrustBundleProjection name:1*string signerName:2*string labelSelector:3*meta/v1.LabelSelector path:4string! optional:5*bool user:6*int64
ComponentCondition type:1string! status:2string! message:3string error:4string
ComponentStatus+ metadata:1meta/v1.ObjectMeta conditions:2[]ComponentCondition
ComponentStatusList+ metadata:1meta/v1.ListMeta items:2[]ComponentStatus!
ConfigMap+ metadata:1meta/v1.ObjectMeta data:2{}string binaryData:3{}bytes immutable:4*bool
ConfigMapEnvSource :1LocalObjectReference optional:2*bool
ConfigMapKeySelector :1LocalObjectReference key:2string! optional:3*bool
ConfigMapList+ metadata:1meta/v1.ListMeta items:2[]ConfigMap!
ConfigMapNodeConfigSource namespace:1string! name:2string! uid:3string resourceVersion:4string kubeletConfigKey:5string!
ConfigMapProjection :1LocalObjectReference items:2[]KeyToPath optional:4*bool
ConfigMapVolumeSource :1LocalObjectReference items:2[]KeyToPath defaultMode:3*int32 optional:4*bool defaultUser:5*int64
Container name:1string! image:2string command:3[]string args:4[]string workingDir:5string ports:6[]ContainerPort env:7[]EnvVar resources:8ResourceRequirements volumeMounts:9[]VolumeMount livenessProbe:10*Probe readinessProbe:11*Probe lifecycle:12*Lifecycle terminationMessagePath:13string imagePullPolicy:14string securityContext:15*SecurityContext stdin:16bool stdinOnce:17bool tty:18bool envFrom:19[]EnvFromSource terminationMessagePolicy:20string volumeDevices:21[]VolumeDevice startupProbe:22*Probe resizePolicy:23[]ContainerResizePolicy restartPolicy:24*string restartPolicyRules:25[]ContainerRestartRule
ContainerExtendedResourceRequest containerName:1string! resourceName:2string! requestName:3string!
ContainerImage names:1[]string! sizeBytes:2int64
ContainerPort name:1string hostPort:2int32 containerPort:3int32! protocol:4string hostIP:5string
ContainerResizePolicy resourceName:1string! restartPolicy:2string!
ContainerRestartRule action:1string exitCodes:2*ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator:1string values:2[]int32
ContainerState waiting:1*ContainerStateWaiting running:2*ContainerStateRunning terminated:3*ContainerStateTerminated
ContainerStateRunning startedAt:1meta/v1.Time
ContainerStateTerminated exitCode:1int32! signal:2int32 reason:3string message:4string startedAt:5meta/v1.Time finishedAt:6meta/v1.Time containerID:7string
ContainerStateWaiting reason:1string message:2string
ContainerStatus name:1string! state:2ContainerState lastState:3ContainerState ready:4bool! restartCount:5int32! image:6string! imageID:7string! containerID:8string started:9*bool allocatedResources:10{}resource.Quantity resources:11*ResourceRequirements volumeMounts:12[]VolumeMountStatus user:13*ContainerUser allocatedResourcesStatus:14[]ResourceStatus stopSignal:15*string
ContainerUser linux:1*LinuxContainerUser
DaemonEndpoint Port:1int32!
DownwardAPIProjection items:1[]DownwardAPIVolumeFile
DownwardAPIVolumeFile path:1string! fieldRef:2*ObjectFieldSelector resourceFieldRef:3*ResourceFieldSelector mode:4*int32 user:5*int64
DownwardAPIVolumeSource items:1[]DownwardAPIVolumeFile defaultMode:2*int32 defaultUser:3*int64
EmptyDirVolumeSource medium:1string sizeLimit:2*resource.Quantity mode:3*int32
EndpointAddress ip:1string! targetRef:2*ObjectReference hostname:3string nodeName:4*string
EndpointPort name:1string port:2int32! protocol:3string appProtocol:4*string
EndpointSubset addresses:1[]EndpointAddress notReadyAddresses:2[]EndpointAddress ports:3[]EndpointPort
Endpoints+ metadata:1meta/v1.ObjectMeta subsets:2[]EndpointSubset
EndpointsList+ metadata:1meta/v1.ListMeta items:2[]Endpoints!
EnvFromSource prefix:1string configMapRef:2*ConfigMapEnvSource secretRef:3*SecretEnvSource
EnvVar name:1string! value:2string valueFrom:3*EnvVarSource
EnvVarSource fieldRef:1*ObjectFieldSelector resourceFieldRef:2*ResourceFieldSelector configMapKeyRef:3*ConfigMapKeySelector secretKeyRef:4*SecretKeySelector fileKeyRef:5*FileKeySelector
EphemeralContainer :1EphemeralContainerCommon targetContainerName:2string
EphemeralContainerCommon name:1string! image:2string command:3[]string args:4[]string workingDir:5string ports:6[]ContainerPort env:7[]EnvVar resources:8ResourceRequirements volumeMounts:9[]VolumeMount livenessProbe:10*Probe readinessProbe:11*Probe lifecycle:12*Lifecycle terminationMessagePath:13string imagePullPolicy:14string securityContext:15*SecurityContext stdin:16bool stdinOnce:17bool tty:18bool envFrom:19[]EnvFromSource terminationMessagePolicy:20string volumeDevices:21[]VolumeDevice startupProbe:22*Probe resizePolicy:23[]ContainerResizePolicy restartPolicy:24*string restartPolicyRules:25[]ContainerRestartRule
EphemeralContainers+ metadata:1meta/v1.ObjectMeta ephemeralContainers:2[]EphemeralContainer!
EphemeralVolumeSource volumeClaimTemplate:1*PersistentVolumeClaimTemplate readOnly:2bool~
Event+ metadata:1meta/v1.ObjectMeta! involvedObject:2ObjectReference! reason:3string message:4string source:5EventSource firstTimestamp:6meta/v1.Time lastTimestamp:7meta/v1.Time count:8int32 type:9string eventTime:10meta/v1.MicroTime series:11*EventSeries action:12string related:13*ObjectReference reportingComponent:14string! reportingInstance:15string!
EventList+ metadata:1meta/v1.ListMeta items:2[]Event!
EventSeries count:1int32 lastObservedTime:2meta/v1.MicroTime state:3string~
EventSource component:1string host:2string
EvictionResponder name:1string! priority:2*int32!
ExecAction command:1[]string
FCVolumeSource targetWWNs:1[]string lun:2*int32 fsType:3string readOnly:4bool wwids:5[]string
FileKeySelector volumeName:1string! path:2string! key:3string! optional:4*bool
FlexPersistentVolumeSource driver:1string! fsType:2string secretRef:3*SecretReference readOnly:4bool options:5{}string
FlexVolumeSource driver:1string! fsType:2string secretRef:3*LocalObjectReference readOnly:4bool options:5{}string
FlockerVolumeSource datasetName:1string datasetUUID:2string
GCEPersistentDiskVolumeSource pdName:1string! fsType:2string partition:3int32 readOnly:4bool
GRPCAction port:1int32! service:2*string! mode:3*string
GitRepoVolumeSource repository:1string! revision:2string directory:3string
GlusterfsPersistentVolumeSource endpoints:1string! path:2string! readOnly:3bool endpointsNamespace:4*string
GlusterfsVolumeSource endpoints:1string! path:2string! readOnly:3bool
HTTPGetAction path:1string port:2intstr.IntOrString! host:3string scheme:4string httpHeaders:5[]HTTPHeader protocol:6*string
HTTPHeader name:1string! value:2string!
Handler exec:1*ExecAction httpGet:2*HTTPGetAction tcpSocket:3*TCPSocketAction
HostAlias ip:1string! hostnames:2[]string
HostIP ip:1string!
HostPathVolumeSource path:1string! type:2*string
ISCSIPersistentVolumeSource targetPortal:1string! iqn:2string! lun:3int32! iscsiInterface:4string fsType:5string readOnly:6bool portals:7[]string chapAuthDiscovery:8bool secretRef:10*SecretReference chapAuthSession:11bool initiatorName:12*string
ISCSIVolumeSource targetPortal:1string! iqn:2string! lun:3int32! iscsiInterface:4string fsType:5string readOnly:6bool portals:7[]string chapAuthDiscovery:8bool secretRef:10*LocalObjectReference chapAuthSession:11bool initiatorName:12*string
ImageVolumeSource reference:1string pullPolicy:2string
ImageVolumeStatus imageRef:1string
KeyToPath key:1string! path:2string! mode:3*int32 user:4*int64
Lifecycle postStart:1*LifecycleHandler preStop:2*LifecycleHandler stopSignal:3*string
LifecycleHandler exec:1*ExecAction httpGet:2*HTTPGetAction tcpSocket:3*TCPSocketAction sleep:4*SleepAction
LimitRange+ metadata:1meta/v1.ObjectMeta spec:2LimitRangeSpec
LimitRangeItem type:1string! max:2{}resource.Quantity min:3{}resource.Quantity default:4{}resource.Quantity defaultRequest:5{}resource.Quantity maxLimitRequestRatio:6{}resource.Quantity
LimitRangeList+ metadata:1meta/v1.ListMeta items:2[]LimitRange!
LimitRangeSpec limits:1[]LimitRangeItem!
LinuxContainerUser uid:1int64! gid:2int64! supplementalGroups:3[]int64
List+ metadata:1meta/v1.ListMeta items:2[]runtime.RawExtension!
LoadBalancerIngress ip:1string hostname:2string ipMode:3*string ports:4[]PortStatus
LoadBalancerStatus ingress:1[]LoadBalancerIngress
LocalObjectReference name:1string
LocalVolumeSource path:1string! fsType:2*string
ModifyVolumeStatus targetVolumeAttributesClassName:1string status:2string!
NFSVolumeSource server:1string! path:2string! readOnly:3bool
Namespace+ metadata:1meta/v1.ObjectMeta spec:2NamespaceSpec status:3NamespaceStatus
NamespaceCondition type:1string! status:2string! lastTransitionTime:4meta/v1.Time reason:5string message:6string
NamespaceList+ metadata:1meta/v1.ListMeta items:2[]Namespace!
NamespaceSpec finalizers:1[]string
NamespaceStatus phase:1string conditions:2[]NamespaceCondition
Node+ metadata:1meta/v1.ObjectMeta spec:2NodeSpec status:3NodeStatus
NodeAddress type:1string! address:2string!
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:1*NodeSelector preferredDuringSchedulingIgnoredDuringExecution:2[]PreferredSchedulingTerm
NodeAllocatableMappedResources name:1string! quantity:2*resource.Quantity!
NodeAllocatableOverheadResources name:1string! perPod:2*resource.Quantity perContainer:3*resource.Quantity
NodeAllocatableResourceClaimStatus resourceClaimName:1string! containers:2[]string resources:3{}resource.Quantity!~ mapping:4[]NodeAllocatableMappedResources overhead:5[]NodeAllocatableOverheadResources
NodeCondition type:1string! status:2string! lastHeartbeatTime:3meta/v1.Time lastTransitionTime:4meta/v1.Time reason:5string message:6string
NodeConfigSource configMap:2*ConfigMapNodeConfigSource
NodeConfigStatus assigned:1*NodeConfigSource active:2*NodeConfigSource lastKnownGood:3*NodeConfigSource error:4string
NodeDaemonEndpoints kubeletEndpoint:1DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:1*bool
NodeList+ metadata:1meta/v1.ListMeta items:2[]Node!
NodePodPreemptionPolicy disableResizePreemption:1[]string
NodeProxyOptions+ path:1string
NodeResources capacity:1{}resource.Quantity!
NodeRuntimeHandler name:1string! features:2*NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:1*bool userNamespaces:2*bool
NodeSelector nodeSelectorTerms:1[]NodeSelectorTerm!
NodeSelectorRequirement key:1string! operator:2string! values:3[]string
NodeSelectorTerm matchExpressions:1[]NodeSelectorRequirement matchFields:2[]NodeSelectorRequirement
NodeSpec podCIDR:1string externalID:2string providerID:3string unschedulable:4bool taints:5[]Taint configSource:6*NodeConfigSource podCIDRs:7[]string podPreemptionPolicy:8*NodePodPreemptionPolicy
NodeStatus capacity:1{}resource.Quantity allocatable:2{}resource.Quantity phase:3string conditions:4[]NodeCondition addresses:5[]NodeAddress daemonEndpoints:6NodeDaemonEndpoints nodeInfo:7NodeSystemInfo images:8[]ContainerImage volumesInUse:9[]string volumesAttached:10[]AttachedVolume config:11*NodeConfigStatus runtimeHandlers:12[]NodeRuntimeHandler features:13*NodeFeatures declaredFeatures:14[]string
NodeSwapStatus capacity:1*int64
NodeSystemInfo machineID:1string! systemUUID:2string! bootID:3string! kernelVersion:4string! osImage:5string! containerRuntimeVersion:6string! kubeletVersion:7string! kubeProxyVersion:8string! operatingSystem:9string! architecture:10string! swap:11*NodeSwapStatus runningInUserNamespace:12*bool
ObjectFieldSelector apiVersion:1string fieldPath:2string!
ObjectReference kind:1string namespace:2string name:3string uid:4string apiVersion:5string resourceVersion:6string fieldPath:7string
PersistentVolume+ metadata:1meta/v1.ObjectMeta spec:2PersistentVolumeSpec status:3PersistentVolumeStatus
PersistentVolumeClaim+ metadata:1meta/v1.ObjectMeta spec:2PersistentVolumeClaimSpec status:3PersistentVolumeClaimStatus
PersistentVolumeClaimCondition type:1string! status:2string! lastProbeTime:3meta/v1.Time lastTransitionTime:4meta/v1.Time reason:5string message:6string
PersistentVolumeClaimList+ metadata:1meta/v1.ListMeta items:2[]PersistentVolumeClaim!
PersistentVolumeClaimSpec accessModes:1[]string resources:2VolumeResourceRequirements volumeName:3string selector:4*meta/v1.LabelSelector storageClassName:5*string volumeMode:6*string dataSource:7*TypedLocalObjectReference dataSourceRef:8*TypedObjectReference volumeAttributesClassName:9*string
PersistentVolumeClaimStatus phase:1string accessModes:2[]string capacity:3{}resource.Quantity conditions:4[]PersistentVolumeClaimCondition allocatedResources:5{}resource.Quantity resizeStatus:6*string~ allocatedResourceStatuses:7{}string currentVolumeAttributesClassName:8*string modifyVolumeStatus:9*ModifyVolumeStatus healthStatus:10*VolumeHealthStatus
PersistentVolumeClaimTemplate metadata:1meta/v1.ObjectMeta spec:2PersistentVolumeClaimSpec!
PersistentVolumeClaimVolumeSource claimName:1string! readOnly:2bool
PersistentVolumeList+ metadata:1meta/v1.ListMeta items:2[]PersistentVolume!
PersistentVolumeSource gcePersistentDisk:1*GCEPersistentDiskVolumeSource awsElasticBlockStore:2*AWSElasticBlockStoreVolumeSource hostPath:3*HostPathVolumeSource glusterfs:4*GlusterfsPersistentVolumeSource nfs:5*NFSVolumeSource rbd:6*RBDPersistentVolumeSource iscsi:7*ISCSIPersistentVolumeSource cinder:8*CinderPersistentVolumeSource cephfs:9*CephFSPersistentVolumeSource fc:10*FCVolumeSource flocker:11*FlockerVolumeSource flexVolume:12*FlexPersistentVolumeSource azureFile:13*AzureFilePersistentVolumeSource vsphereVolume:14*VsphereVirtualDiskVolumeSource quobyte:15*QuobyteVolumeSource azureDisk:16*AzureDiskVolumeSource photonPersistentDisk:17*PhotonPersistentDiskVolumeSource portworxVolume:18*PortworxVolumeSource scaleIO:19*ScaleIOPersistentVolumeSource local:20*LocalVolumeSource storageos:21*StorageOSPersistentVolumeSource csi:22*CSIPersistentVolumeSource
PersistentVolumeSpec capacity:1{}resource.Quantity :2PersistentVolumeSource accessModes:3[]string claimRef:4*ObjectReference persistentVolumeReclaimPolicy:5string storageClassName:6string mountOptions:7[]string volumeMode:8*string nodeAffinity:9*VolumeNodeAffinity volumeAttributesClassName:10*string
PersistentVolumeStatus phase:1string message:2string reason:3string lastPhaseTransitionTime:4*meta/v1.Time
PhotonPersistentDiskVolumeSource pdID:1string! fsType:2string
Pod+ metadata:1meta/v1.ObjectMeta spec:2PodSpec status:3PodStatus
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:1[]PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:2[]WeightedPodAffinityTerm
PodAffinityTerm labelSelector:1*meta/v1.LabelSelector namespaces:2[]string topologyKey:3string! namespaceSelector:4*meta/v1.LabelSelector matchLabelKeys:5[]string mismatchLabelKeys:6[]string
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:1[]PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:2[]WeightedPodAffinityTerm
PodAttachOptions+ stdin:1bool stdout:2bool stderr:3bool tty:4bool container:5string
PodCertificateProjection signerName:1string keyType:2string maxExpirationSeconds:3*int32 credentialBundlePath:4string keyPath:5string certificateChainPath:6string userAnnotations:7{}string user:8*int64
PodCondition type:1string! status:2string! lastProbeTime:3meta/v1.Time lastTransitionTime:4meta/v1.Time reason:5string message:6string observedGeneration:7int64
PodDNSConfig nameservers:1[]string searches:2[]string options:3[]PodDNSConfigOption
PodDNSConfigOption name:1string value:2*string
PodExecOptions+ stdin:1bool stdout:2bool stderr:3bool tty:4bool container:5string command:6[]string!
PodExtendedResourceClaimStatus requestMappings:1[]ContainerExtendedResourceRequest! resourceClaimName:2string!
PodIP ip:1string!
PodList+ metadata:1meta/v1.ListMeta items:2[]Pod!
PodLogOptions+ container:1string follow:2bool previous:3bool sinceSeconds:4*int64 sinceTime:5*meta/v1.Time timestamps:6bool tailLines:7*int64 limitBytes:8*int64 insecureSkipTLSVerifyBackend:9bool stream:10*string
PodOS name:1string!
PodPortForwardOptions+ ports:1[]int32
PodProxyOptions+ path:1string
PodReadinessGate conditionType:1string!
PodResourceClaim name:1string! source:2ClaimSource~ resourceClaimName:3*string resourceClaimTemplateName:4*string
PodResourceClaimStatus name:1string! resourceClaimName:2*string
PodSchedulingGate name:1string!
PodSchedulingGroup podGroupName:1*string
PodSecurityContext seLinuxOptions:1*SELinuxOptions runAsUser:2*int64 runAsNonRoot:3*bool supplementalGroups:4[]int64 fsGroup:5*int64 runAsGroup:6*int64 sysctls:7[]Sysctl windowsOptions:8*WindowsSecurityContextOptions fsGroupChangePolicy:9*string seccompProfile:10*SeccompProfile appArmorProfile:11*AppArmorProfile supplementalGroupsPolicy:12*string seLinuxChangePolicy:13*string
PodSignature podController:1*meta/v1.OwnerReference
PodSpec volumes:1[]Volume containers:2[]Container! restartPolicy:3string terminationGracePeriodSeconds:4*int64 activeDeadlineSeconds:5*int64 dnsPolicy:6string nodeSelector:7{}string serviceAccountName:8string serviceAccount:9string nodeName:10string hostNetwork:11bool hostPID:12bool hostIPC:13bool securityContext:14*PodSecurityContext imagePullSecrets:15[]LocalObjectReference hostname:16string subdomain:17string affinity:18*Affinity schedulerName:19string initContainers:20[]Container automountServiceAccountToken:21*bool tolerations:22[]Toleration hostAliases:23[]HostAlias priorityClassName:24string priority:25*int32 dnsConfig:26*PodDNSConfig shareProcessNamespace:27*bool readinessGates:28[]PodReadinessGate runtimeClassName:29*string enableServiceLinks:30*bool preemptionPolicy:31*string overhead:32{}resource.Quantity topologySpreadConstraints:33[]TopologySpreadConstraint ephemeralContainers:34[]EphemeralContainer setHostnameAsFQDN:35*bool os:36*PodOS hostUsers:37*bool schedulingGates:38[]PodSchedulingGate resourceClaims:39[]PodResourceClaim resources:40*ResourceRequirements hostnameOverride:41*string workloadRef:42*WorkloadReference~ schedulingGroup:43*PodSchedulingGroup evictionResponders:44[]EvictionResponder
PodStatus phase:1string conditions:2[]PodCondition message:3string reason:4string hostIP:5string podIP:6string startTime:7*meta/v1.Time containerStatuses:8[]ContainerStatus qosClass:9string initContainerStatuses:10[]ContainerStatus nominatedNodeName:11string podIPs:12[]PodIP ephemeralContainerStatuses:13[]ContainerStatus resize:14string resourceClaimStatuses:15[]PodResourceClaimStatus hostIPs:16[]HostIP observedGeneration:17int64 extendedResourceClaimStatus:18*PodExtendedResourceClaimStatus allocatedResources:19{}resource.Quantity resources:20*ResourceRequirements nodeAllocatableResourceClaimStatuses:21[]NodeAllocatableResourceClaimStatus volumeHealth:22[]PodVolumeHealth
PodStatusResult+ metadata:1meta/v1.ObjectMeta status:2PodStatus
PodTemplate+ metadata:1meta/v1.ObjectMeta template:2PodTemplateSpec
PodTemplateList+ metadata:1meta/v1.ListMeta items:2[]PodTemplate!
PodTemplateSpec metadata:1meta/v1.ObjectMeta spec:2PodSpec
PodVolumeHealth name:1string! healthConditions:2[]VolumeHealthCondition lastTransitionTime:3meta/v1.Time
PortStatus port:1int32! protocol:2string! error:3*string
PortworxVolumeSource volumeID:1string! fsType:2string readOnly:3bool
Preconditions uid:1*string
PreferAvoidPodsEntry podSignature:1PodSignature! evictionTime:2meta/v1.Time reason:3string message:4string
PreferredSchedulingTerm weight:1int32! preference:2NodeSelectorTerm!
Probe :1ProbeHandler initialDelaySeconds:2int32 timeoutSeconds:3int32 periodSeconds:4int32 successThreshold:5int32 failureThreshold:6int32 terminationGracePeriodSeconds:7*int64
ProbeHandler exec:1*ExecAction httpGet:2*HTTPGetAction tcpSocket:3*TCPSocketAction grpc:4*GRPCAction
ProjectedVolumeSource sources:1[]VolumeProjection! defaultMode:2*int32 defaultUser:3*int64
QuobyteVolumeSource registry:1string! volume:2string! readOnly:3bool user:4string group:5string tenant:6string
RBDPersistentVolumeSource monitors:1[]string! image:2string! fsType:3string pool:4string user:5string keyring:6string secretRef:7*SecretReference readOnly:8bool
RBDVolumeSource monitors:1[]string! image:2string! fsType:3string pool:4string user:5string keyring:6string secretRef:7*LocalObjectReference readOnly:8bool
RangeAllocation+ metadata:1meta/v1.ObjectMeta range:2string! data:3bytes!
ReplicationController+ metadata:1meta/v1.ObjectMeta spec:2ReplicationControllerSpec status:3ReplicationControllerStatus
ReplicationControllerCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
ReplicationControllerList+ metadata:1meta/v1.ListMeta items:2[]ReplicationController!
ReplicationControllerSpec replicas:1*int32 selector:2{}string template:3*PodTemplateSpec minReadySeconds:4int32
ReplicationControllerStatus replicas:1int32! fullyLabeledReplicas:2int32 observedGeneration:3int64 readyReplicas:4int32 availableReplicas:5int32 conditions:6[]ReplicationControllerCondition
ResourceClaim name:1string! request:2string
ResourceFieldSelector containerName:1string resource:2string! divisor:3resource.Quantity
ResourceHealth resourceID:1string! health:2string message:6*string
ResourceQuota+ metadata:1meta/v1.ObjectMeta spec:2ResourceQuotaSpec status:3ResourceQuotaStatus
ResourceQuotaList+ metadata:1meta/v1.ListMeta items:2[]ResourceQuota!
ResourceQuotaSpec hard:1{}resource.Quantity scopes:2[]string scopeSelector:3*ScopeSelector
ResourceQuotaStatus hard:1{}resource.Quantity used:2{}resource.Quantity
ResourceRequirements limits:1{}resource.Quantity requests:2{}resource.Quantity claims:3[]ResourceClaim
ResourceStatus name:1string! resources:2[]ResourceHealth
SELinuxOptions user:1string role:2string type:3string level:4string
ScaleIOPersistentVolumeSource gateway:1string! system:2string! secretRef:3*SecretReference! sslEnabled:4bool protectionDomain:5string storagePool:6string storageMode:7string volumeName:8string fsType:9string readOnly:10bool
ScaleIOVolumeSource gateway:1string! system:2string! secretRef:3*LocalObjectReference! sslEnabled:4bool protectionDomain:5string storagePool:6string storageMode:7string volumeName:8string fsType:9string readOnly:10bool
ScopeSelector matchExpressions:1[]ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement scopeName:1string! operator:2string! values:3[]string
SeccompProfile type:1string! localhostProfile:2*string
Secret+ metadata:1meta/v1.ObjectMeta data:2{}bytes type:3string stringData:4{}string immutable:5*bool
SecretEnvSource :1LocalObjectReference optional:2*bool
SecretKeySelector :1LocalObjectReference key:2string! optional:3*bool
SecretList+ metadata:1meta/v1.ListMeta items:2[]Secret!
SecretProjection :1LocalObjectReference items:2[]KeyToPath optional:4*bool
SecretReference name:1string namespace:2string
SecretVolumeSource secretName:1string items:2[]KeyToPath defaultMode:3*int32 optional:4*bool defaultUser:5*int64
SecurityContext capabilities:1*Capabilities privileged:2*bool seLinuxOptions:3*SELinuxOptions runAsUser:4*int64 runAsNonRoot:5*bool readOnlyRootFilesystem:6*bool allowPrivilegeEscalation:7*bool runAsGroup:8*int64 procMount:9*string windowsOptions:10*WindowsSecurityContextOptions seccompProfile:11*SeccompProfile appArmorProfile:12*AppArmorProfile
SerializedReference+ reference:1ObjectReference
Service+ metadata:1meta/v1.ObjectMeta spec:2ServiceSpec status:3ServiceStatus
ServiceAccount+ metadata:1meta/v1.ObjectMeta secrets:2[]ObjectReference imagePullSecrets:3[]LocalObjectReference automountServiceAccountToken:4*bool
ServiceAccountList+ metadata:1meta/v1.ListMeta items:2[]ServiceAccount!
ServiceAccountTokenProjection audience:1string expirationSeconds:2*int64 path:3string! user:4*int64
ServiceList+ metadata:1meta/v1.ListMeta items:2[]Service!
ServicePort name:1string protocol:2string port:3int32! targetPort:4intstr.IntOrString nodePort:5int32 appProtocol:6*string
ServiceProxyOptions+ path:1string
ServiceSpec ports:1[]ServicePort selector:2{}string clusterIP:3string type:4string externalIPs:5[]string sessionAffinity:7string loadBalancerIP:8string loadBalancerSourceRanges:9[]string externalName:10string externalTrafficPolicy:11string healthCheckNodePort:12int32 publishNotReadyAddresses:13bool sessionAffinityConfig:14*SessionAffinityConfig ipFamily:15*string~ topologyKeys:16[]string~ ipFamilyPolicy:17*string clusterIPs:18[]string ipFamilies:19[]string allocateLoadBalancerNodePorts:20*bool loadBalancerClass:21*string internalTrafficPolicy:22*string trafficDistribution:23*string
ServiceStatus loadBalancer:1LoadBalancerStatus conditions:2[]meta/v1.Condition
SessionAffinityConfig clientIP:1*ClientIPConfig
SleepAction seconds:1int64!
StorageOSPersistentVolumeSource volumeName:1string volumeNamespace:2string fsType:3string readOnly:4bool secretRef:5*ObjectReference
StorageOSVolumeSource volumeName:1string volumeNamespace:2string fsType:3string readOnly:4bool secretRef:5*LocalObjectReference
Sysctl name:1string! value:2string!
TCPSocketAction port:1intstr.IntOrString! host:2string
Taint key:1string! value:2string effect:3string! timeAdded:4*meta/v1.Time
Toleration key:1string operator:2string value:3string effect:4string tolerationSeconds:5*int64
TopologySelectorLabelRequirement key:1string! values:2[]string!
TopologySelectorTerm matchLabelExpressions:1[]TopologySelectorLabelRequirement
TopologySpreadConstraint maxSkew:1int32! topologyKey:2string! whenUnsatisfiable:3string! labelSelector:4*meta/v1.LabelSelector minDomains:5*int32 nodeAffinityPolicy:6*string nodeTaintsPolicy:7*string matchLabelKeys:8[]string
TypedLocalObjectReference apiGroup:1*string! kind:2string! name:3string!
TypedObjectReference apiGroup:1*string! kind:2string! name:3string! namespace:4*string
Volume name:1string! :2VolumeSource
VolumeDevice name:1string! devicePath:2string!
VolumeHealthCondition status:1string! reason:2string! message:3string
VolumeHealthStatus healthConditions:1[]VolumeHealthCondition lastTransitionTime:2meta/v1.Time
VolumeMount name:1string! readOnly:2bool mountPath:3string! subPath:4string mountPropagation:5*string subPathExpr:6string recursiveReadOnly:7*string bindMountOptions:8[]string
VolumeMountStatus name:1string! mountPath:2string! readOnly:3bool recursiveReadOnly:4*string volumeStatus:5*VolumeStatus
VolumeNodeAffinity required:1*NodeSelector
VolumeProjection secret:1*SecretProjection downwardAPI:2*DownwardAPIProjection configMap:3*ConfigMapProjection serviceAccountToken:4*ServiceAccountTokenProjection clusterTrustBundle:5*ClusterTrustBundleProjection podCertificate:6*PodCertificateProjection
VolumeResourceRequirements limits:1{}resource.Quantity requests:2{}resource.Quantity
VolumeSource hostPath:1*HostPathVolumeSource emptyDir:2*EmptyDirVolumeSource gcePersistentDisk:3*GCEPersistentDiskVolumeSource awsElasticBlockStore:4*AWSElasticBlockStoreVolumeSource gitRepo:5*GitRepoVolumeSource secret:6*SecretVolumeSource nfs:7*NFSVolumeSource iscsi:8*ISCSIVolumeSource glusterfs:9*GlusterfsVolumeSource persistentVolumeClaim:10*PersistentVolumeClaimVolumeSource rbd:11*RBDVolumeSource flexVolume:12*FlexVolumeSource cinder:13*CinderVolumeSource cephfs:14*CephFSVolumeSource flocker:15*FlockerVolumeSource downwardAPI:16*DownwardAPIVolumeSource fc:17*FCVolumeSource azureFile:18*AzureFileVolumeSource configMap:19*ConfigMapVolumeSource vsphereVolume:20*VsphereVirtualDiskVolumeSource quobyte:21*QuobyteVolumeSource azureDisk:22*AzureDiskVolumeSource photonPersistentDisk:23*PhotonPersistentDiskVolumeSource portworxVolume:24*PortworxVolumeSource scaleIO:25*ScaleIOVolumeSource projected:26*ProjectedVolumeSource storageos:27*StorageOSVolumeSource csi:28*CSIVolumeSource ephemeral:29*EphemeralVolumeSource image:30*ImageVolumeSource
VolumeStatus image:1*ImageVolumeStatus
VsphereVirtualDiskVolumeSource volumePath:1string! fsType:2string storagePolicyName:3string storagePolicyID:4string
WeightedPodAffinityTerm weight:1int32! podAffinityTerm:2PodAffinityTerm!
WindowsSecurityContextOptions gmsaCredentialSpecName:1*string gmsaCredentialSpec:2*string runAsUserName:3*string hostProcess:4*bool
WorkloadReference name:1string! podGroup:2string! podGroupReplicaKey:3string
# discovery/v1 discovery.k8s.io v1
Endpoint addresses:1[]string! conditions:2EndpointConditions hostname:3*string targetRef:4*core/v1.ObjectReference deprecatedTopology:5{}string nodeName:6*string zone:7*string hints:8*EndpointHints
EndpointConditions ready:1*bool serving:2*bool terminating:3*bool
EndpointHints forZones:1[]ForZone forNodes:2[]ForNode
EndpointPort name:1*string protocol:2*string port:3*int32 appProtocol:4*string
EndpointSlice+ metadata:1meta/v1.ObjectMeta endpoints:2[]Endpoint! ports:3[]EndpointPort! addressType:4string!
EndpointSliceList+ metadata:1meta/v1.ListMeta items:2[]EndpointSlice!
ForNode name:1string!
ForZone name:1string!
# discovery/v1alpha1 discovery.k8s.io v1alpha1
Endpoint addresses:1[]string! conditions:2EndpointConditions hostname:3*string targetRef:4*core/v1.ObjectReference topology:5{}string nodeName:6*string
EndpointConditions ready:1*bool serving:2*bool terminating:3*bool
EndpointPort name:1*string protocol:2*string port:3*int32 appProtocol:4*string
EndpointSlice+ metadata:1meta/v1.ObjectMeta endpoints:2[]Endpoint! ports:3[]EndpointPort! addressType:4string!
EndpointSliceList+ metadata:1meta/v1.ListMeta items:2[]EndpointSlice!
# discovery/v1beta1 discovery.k8s.io v1beta1
Endpoint addresses:1[]string! conditions:2EndpointConditions hostname:3*string targetRef:4*core/v1.ObjectReference topology:5{}string nodeName:6*string hints:7*EndpointHints
EndpointConditions ready:1*bool serving:2*bool terminating:3*bool
EndpointHints forZones:1[]ForZone forNodes:2[]ForNode
EndpointPort name:1*string protocol:2*string port:3*int32 appProtocol:4*string
EndpointSlice+ metadata:1meta/v1.ObjectMeta endpoints:2[]Endpoint! ports:3[]EndpointPort! addressType:4string!
EndpointSliceList+ metadata:1meta/v1.ListMeta items:2[]EndpointSlice!
ForNode name:1string!
ForZone name:1string!
# events/v1 events.k8s.io v1
Event+ metadata:1meta/v1.ObjectMeta! eventTime:2meta/v1.MicroTime! series:3*EventSeries reportingController:4string reportingInstance:5string action:6string reason:7string regarding:8core/v1.ObjectReference related:9*core/v1.ObjectReference note:10string type:11string deprecatedSource:12core/v1.EventSource deprecatedFirstTimestamp:13meta/v1.Time deprecatedLastTimestamp:14meta/v1.Time deprecatedCount:15int32
EventList+ metadata:1meta/v1.ListMeta items:2[]Event!
EventSeries count:1int32! lastObservedTime:2meta/v1.MicroTime!
# events/v1beta1 events.k8s.io v1beta1
Event+ metadata:1meta/v1.ObjectMeta! eventTime:2meta/v1.MicroTime! series:3*EventSeries reportingController:4string reportingInstance:5string action:6string reason:7string regarding:8core/v1.ObjectReference related:9*core/v1.ObjectReference note:10string type:11string deprecatedSource:12core/v1.EventSource deprecatedFirstTimestamp:13meta/v1.Time deprecatedLastTimestamp:14meta/v1.Time deprecatedCount:15int32
EventList+ metadata:1meta/v1.ListMeta items:2[]Event!
EventSeries count:1int32! lastObservedTime:2meta/v1.MicroTime! state:3string!~
# extensions/v1beta1 extensions v1beta1
AllowedCSIDriver name:1string!
AllowedFlexVolume driver:1string!
AllowedHostPath pathPrefix:1string readOnly:2bool
DaemonSet+ metadata:1meta/v1.ObjectMeta spec:2DaemonSetSpec status:3DaemonSetStatus
DaemonSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
DaemonSetList+ metadata:1meta/v1.ListMeta items:2[]DaemonSet!
DaemonSetSpec selector:1*meta/v1.LabelSelector template:2core/v1.PodTemplateSpec! updateStrategy:3DaemonSetUpdateStrategy minReadySeconds:4int32 templateGeneration:5int64 revisionHistoryLimit:6*int32
DaemonSetStatus currentNumberScheduled:1int32! numberMisscheduled:2int32! desiredNumberScheduled:3int32! numberReady:4int32! observedGeneration:5int64 updatedNumberScheduled:6int32 numberAvailable:7int32 numberUnavailable:8int32 collisionCount:9*int32 conditions:10[]DaemonSetCondition
DaemonSetUpdateStrategy type:1string rollingUpdate:2*RollingUpdateDaemonSet
Deployment+ metadata:1meta/v1.ObjectMeta spec:2DeploymentSpec status:3DeploymentStatus
DeploymentCondition type:1string! status:2string! reason:4string message:5string lastUpdateTime:6meta/v1.Time lastTransitionTime:7meta/v1.Time
DeploymentList+ metadata:1meta/v1.ListMeta items:2[]Deployment!
DeploymentRollback+ name:1string! updatedAnnotations:2{}string rollbackTo:3RollbackConfig!
DeploymentSpec replicas:1*int32 selector:2*meta/v1.LabelSelector template:3core/v1.PodTemplateSpec! strategy:4DeploymentStrategy minReadySeconds:5int32 revisionHistoryLimit:6*int32 paused:7bool rollbackTo:8*RollbackConfig progressDeadlineSeconds:9*int32
DeploymentStatus observedGeneration:1int64 replicas:2int32 updatedReplicas:3int32 availableReplicas:4int32 unavailableReplicas:5int32 conditions:6[]DeploymentCondition readyReplicas:7int32 collisionCount:8*int32 terminatingReplicas:9*int32
DeploymentStrategy type:1string rollingUpdate:2*RollingUpdateDeployment
FSGroupStrategyOptions rule:1string ranges:2[]IDRange
HTTPIngressPath path:1string backend:2IngressBackend! pathType:3*string
HTTPIngressRuleValue paths:1[]HTTPIngressPath!
HostPortRange min:1int32! max:2int32!
IDRange min:1int64! max:2int64!
IPBlock cidr:1string! except:2[]string
Ingress+ metadata:1meta/v1.ObjectMeta spec:2IngressSpec status:3IngressStatus
IngressBackend serviceName:1string servicePort:2intstr.IntOrString resource:3*core/v1.TypedLocalObjectReference
IngressList+ metadata:1meta/v1.ListMeta items:2[]Ingress!
IngressLoadBalancerIngress ip:1string hostname:2string ports:4[]IngressPortStatus
IngressLoadBalancerStatus ingress:1[]IngressLoadBalancerIngress
IngressPortStatus port:1int32! protocol:2string! error:3*string
IngressRule host:1string :2IngressRuleValue
IngressRuleValue http:1*HTTPIngressRuleValue
IngressSpec backend:1*IngressBackend tls:2[]IngressTLS rules:3[]IngressRule ingressClassName:4*string
IngressStatus loadBalancer:1IngressLoadBalancerStatus
IngressTLS hosts:1[]string secretName:2string
NetworkPolicy+ metadata:1meta/v1.ObjectMeta spec:2NetworkPolicySpec status:3NetworkPolicyStatus~
NetworkPolicyEgressRule ports:1[]NetworkPolicyPort to:2[]NetworkPolicyPeer
NetworkPolicyIngressRule ports:1[]NetworkPolicyPort from:2[]NetworkPolicyPeer
NetworkPolicyList+ metadata:1meta/v1.ListMeta items:2[]NetworkPolicy!
NetworkPolicyPeer podSelector:1*meta/v1.LabelSelector namespaceSelector:2*meta/v1.LabelSelector ipBlock:3*IPBlock
NetworkPolicyPort protocol:1*string port:2*intstr.IntOrString endPort:3*int32
NetworkPolicySpec podSelector:1meta/v1.LabelSelector! ingress:2[]NetworkPolicyIngressRule egress:3[]NetworkPolicyEgressRule policyTypes:4[]string
NetworkPolicyStatus conditions:1[]meta/v1.Condition
PodSecurityPolicy+ metadata:1meta/v1.ObjectMeta spec:2PodSecurityPolicySpec
PodSecurityPolicyList+ metadata:1meta/v1.ListMeta items:2[]PodSecurityPolicy!
PodSecurityPolicySpec privileged:1bool defaultAddCapabilities:2[]string requiredDropCapabilities:3[]string allowedCapabilities:4[]string volumes:5[]string hostNetwork:6bool hostPorts:7[]HostPortRange hostPID:8bool hostIPC:9bool seLinux:10SELinuxStrategyOptions! runAsUser:11RunAsUserStrategyOptions! supplementalGroups:12SupplementalGroupsStrategyOptions! fsGroup:13FSGroupStrategyOptions! readOnlyRootFilesystem:14bool defaultAllowPrivilegeEscalation:15*bool allowPrivilegeEscalation:16*bool allowedHostPaths:17[]AllowedHostPath allowedFlexVolumes:18[]AllowedFlexVolume allowedUnsafeSysctls:19[]string forbiddenSysctls:20[]string allowedProcMountTypes:21[]string runAsGroup:22*RunAsGroupStrategyOptions allowedCSIDrivers:23[]AllowedCSIDriver runtimeClass:24*RuntimeClassStrategyOptions
ReplicaSet+ metadata:1meta/v1.ObjectMeta spec:2ReplicaSetSpec status:3ReplicaSetStatus
ReplicaSetCondition type:1string! status:2string! lastTransitionTime:3meta/v1.Time reason:4string message:5string
ReplicaSetList+ metadata:1meta/v1.ListMeta items:2[]ReplicaSet!
ReplicaSetSpec replicas:1*int32 selector:2*meta/v1.LabelSelector template:3core/v1.PodTemplateSpec minReadySeconds:4int32
ReplicaSetStatus replicas:1int32! fullyLabeledReplicas:2int32 observedGeneration:3int64 readyReplicas:4int32 availableReplicas:5int32 conditions:6[]ReplicaSetCondition terminatingReplicas:7*int32
ReplicationControllerDummy+
RollbackConfig revision:1int64
RollingUpdateDaemonSet maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RollingUpdateDeployment maxUnavailable:1*intstr.IntOrString maxSurge:2*intstr.IntOrString
RunAsGroupStrategyOptions rule:1string! ranges:2[]IDRange
RunAsUserStrategyOptions rule:1string! ranges:2[]IDRange
RuntimeClassStrategyOptions allowedRuntimeClassNames:1[]string! defaultRuntimeClassName:2*string
SELinuxStrategyOptions rule:1string! seLinuxOptions:2*core/v1.SELinuxOptions
Scale+ metadata:1meta/v1.ObjectMeta spec:2ScaleSpec status:3ScaleStatus
ScaleSpec replicas:1int32
ScaleStatus replicas:1int32! selector:2{}string targetSelector:3string
SupplementalGroupsStrategyOptions rule:1string ranges:2[]IDRange
# flowcontrol/v1 flowcontrol.apiserver.k8s.io v1
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1*int32 lendablePercent:2*int32
FlowDistinguisherMethod type:1string!
FlowSchema+ metadata:1meta/v1.ObjectMeta spec:2FlowSchemaSpec status:3FlowSchemaStatus
FlowSchemaCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
FlowSchemaList+ metadata:1meta/v1.ListMeta items:2[]FlowSchema!
FlowSchemaSpec priorityLevelConfiguration:1PriorityLevelConfigurationReference! matchingPrecedence:2int32! distinguisherMethod:3*FlowDistinguisherMethod rules:4[]PolicyRulesWithSubjects
FlowSchemaStatus conditions:1[]FlowSchemaCondition
GroupSubject name:1string!
LimitResponse type:1string! queuing:2*QueuingConfiguration
LimitedPriorityLevelConfiguration nominalConcurrencyShares:1*int32! limitResponse:2LimitResponse lendablePercent:3*int32 borrowingLimitPercent:4*int32
NonResourcePolicyRule verbs:1[]string! nonResourceURLs:6[]string!
PolicyRulesWithSubjects subjects:1[]Subject! resourceRules:2[]ResourcePolicyRule nonResourceRules:3[]NonResourcePolicyRule
PriorityLevelConfiguration+ metadata:1meta/v1.ObjectMeta spec:2PriorityLevelConfigurationSpec status:3PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
PriorityLevelConfigurationList+ metadata:1meta/v1.ListMeta items:2[]PriorityLevelConfiguration!
PriorityLevelConfigurationReference name:1string!
PriorityLevelConfigurationSpec type:1string! limited:2*LimitedPriorityLevelConfiguration exempt:3*ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus conditions:1[]PriorityLevelConfigurationCondition
QueuingConfiguration queues:1int32! handSize:2int32! queueLengthLimit:3int32!
ResourcePolicyRule verbs:1[]string! apiGroups:2[]string! resources:3[]string! clusterScope:4bool namespaces:5[]string!
ServiceAccountSubject namespace:1string! name:2string!
Subject kind:1string! user:2*UserSubject group:3*GroupSubject serviceAccount:4*ServiceAccountSubject
UserSubject name:1string!
# flowcontrol/v1alpha1 flowcontrol.apiserver.k8s.io v1alpha1
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1*int32 lendablePercent:2*int32
FlowDistinguisherMethod type:1string!
FlowSchema+ metadata:1meta/v1.ObjectMeta spec:2FlowSchemaSpec status:3FlowSchemaStatus
FlowSchemaCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
FlowSchemaList+ metadata:1meta/v1.ListMeta items:2[]FlowSchema!
FlowSchemaSpec priorityLevelConfiguration:1PriorityLevelConfigurationReference! matchingPrecedence:2int32! distinguisherMethod:3*FlowDistinguisherMethod rules:4[]PolicyRulesWithSubjects
FlowSchemaStatus conditions:1[]FlowSchemaCondition
GroupSubject name:1string!
LimitResponse type:1string! queuing:2*QueuingConfiguration
LimitedPriorityLevelConfiguration assuredConcurrencyShares:1int32! limitResponse:2LimitResponse lendablePercent:3*int32 borrowingLimitPercent:4*int32
NonResourcePolicyRule verbs:1[]string! nonResourceURLs:6[]string!
PolicyRulesWithSubjects subjects:1[]Subject! resourceRules:2[]ResourcePolicyRule nonResourceRules:3[]NonResourcePolicyRule
PriorityLevelConfiguration+ metadata:1meta/v1.ObjectMeta spec:2PriorityLevelConfigurationSpec status:3PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
PriorityLevelConfigurationList+ metadata:1meta/v1.ListMeta items:2[]PriorityLevelConfiguration!
PriorityLevelConfigurationReference name:1string!
PriorityLevelConfigurationSpec type:1string! limited:2*LimitedPriorityLevelConfiguration exempt:3*ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus conditions:1[]PriorityLevelConfigurationCondition
QueuingConfiguration queues:1int32! handSize:2int32! queueLengthLimit:3int32!
ResourcePolicyRule verbs:1[]string! apiGroups:2[]string! resources:3[]string! clusterScope:4bool namespaces:5[]string!
ServiceAccountSubject namespace:1string! name:2string!
Subject kind:1string! user:2*UserSubject group:3*GroupSubject serviceAccount:4*ServiceAccountSubject
UserSubject name:1string!
# flowcontrol/v1beta1 flowcontrol.apiserver.k8s.io v1beta1
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1*int32 lendablePercent:2*int32
FlowDistinguisherMethod type:1string!
FlowSchema+ metadata:1meta/v1.ObjectMeta spec:2FlowSchemaSpec status:3FlowSchemaStatus
FlowSchemaCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
FlowSchemaList+ metadata:1meta/v1.ListMeta items:2[]FlowSchema!
FlowSchemaSpec priorityLevelConfiguration:1PriorityLevelConfigurationReference! matchingPrecedence:2int32! distinguisherMethod:3*FlowDistinguisherMethod rules:4[]PolicyRulesWithSubjects
FlowSchemaStatus conditions:1[]FlowSchemaCondition
GroupSubject name:1string!
LimitResponse type:1string! queuing:2*QueuingConfiguration
LimitedPriorityLevelConfiguration assuredConcurrencyShares:1int32! limitResponse:2LimitResponse lendablePercent:3*int32 borrowingLimitPercent:4*int32
NonResourcePolicyRule verbs:1[]string! nonResourceURLs:6[]string!
PolicyRulesWithSubjects subjects:1[]Subject! resourceRules:2[]ResourcePolicyRule nonResourceRules:3[]NonResourcePolicyRule
PriorityLevelConfiguration+ metadata:1meta/v1.ObjectMeta spec:2PriorityLevelConfigurationSpec status:3PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
PriorityLevelConfigurationList+ metadata:1meta/v1.ListMeta items:2[]PriorityLevelConfiguration!
PriorityLevelConfigurationReference name:1string!
PriorityLevelConfigurationSpec type:1string! limited:2*LimitedPriorityLevelConfiguration exempt:3*ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus conditions:1[]PriorityLevelConfigurationCondition
QueuingConfiguration queues:1int32! handSize:2int32! queueLengthLimit:3int32!
ResourcePolicyRule verbs:1[]string! apiGroups:2[]string! resources:3[]string! clusterScope:4bool namespaces:5[]string!
ServiceAccountSubject namespace:1string! name:2string!
Subject kind:1string! user:2*UserSubject group:3*GroupSubject serviceAccount:4*ServiceAccountSubject
UserSubject name:1string!
# flowcontrol/v1beta2 flowcontrol.apiserver.k8s.io v1beta2
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1*int32 lendablePercent:2*int32
FlowDistinguisherMethod type:1string!
FlowSchema+ metadata:1meta/v1.ObjectMeta spec:2FlowSchemaSpec status:3FlowSchemaStatus
FlowSchemaCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
FlowSchemaList+ metadata:1meta/v1.ListMeta items:2[]FlowSchema!
FlowSchemaSpec priorityLevelConfiguration:1PriorityLevelConfigurationReference! matchingPrecedence:2int32! distinguisherMethod:3*FlowDistinguisherMethod rules:4[]PolicyRulesWithSubjects
FlowSchemaStatus conditions:1[]FlowSchemaCondition
GroupSubject name:1string!
LimitResponse type:1string! queuing:2*QueuingConfiguration
LimitedPriorityLevelConfiguration assuredConcurrencyShares:1int32! limitResponse:2LimitResponse lendablePercent:3*int32 borrowingLimitPercent:4*int32
NonResourcePolicyRule verbs:1[]string! nonResourceURLs:6[]string!
PolicyRulesWithSubjects subjects:1[]Subject! resourceRules:2[]ResourcePolicyRule nonResourceRules:3[]NonResourcePolicyRule
PriorityLevelConfiguration+ metadata:1meta/v1.ObjectMeta spec:2PriorityLevelConfigurationSpec status:3PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
PriorityLevelConfigurationList+ metadata:1meta/v1.ListMeta items:2[]PriorityLevelConfiguration!
PriorityLevelConfigurationReference name:1string!
PriorityLevelConfigurationSpec type:1string! limited:2*LimitedPriorityLevelConfiguration exempt:3*ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus conditions:1[]PriorityLevelConfigurationCondition
QueuingConfiguration queues:1int32! handSize:2int32! queueLengthLimit:3int32!
ResourcePolicyRule verbs:1[]string! apiGroups:2[]string! resources:3[]string! clusterScope:4bool namespaces:5[]string!
ServiceAccountSubject namespace:1string! name:2string!
Subject kind:1string! user:2*UserSubject group:3*GroupSubject serviceAccount:4*ServiceAccountSubject
UserSubject name:1string!
# flowcontrol/v1beta3 flowcontrol.apiserver.k8s.io v1beta3
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1*int32 lendablePercent:2*int32
FlowDistinguisherMethod type:1string!
FlowSchema+ metadata:1meta/v1.ObjectMeta spec:2FlowSchemaSpec status:3FlowSchemaStatus
FlowSchemaCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
FlowSchemaList+ metadata:1meta/v1.ListMeta items:2[]FlowSchema!
FlowSchemaSpec priorityLevelConfiguration:1PriorityLevelConfigurationReference! matchingPrecedence:2int32! distinguisherMethod:3*FlowDistinguisherMethod rules:4[]PolicyRulesWithSubjects
FlowSchemaStatus conditions:1[]FlowSchemaCondition
GroupSubject name:1string!
LimitResponse type:1string! queuing:2*QueuingConfiguration
LimitedPriorityLevelConfiguration nominalConcurrencyShares:1int32! limitResponse:2LimitResponse lendablePercent:3*int32 borrowingLimitPercent:4*int32
NonResourcePolicyRule verbs:1[]string! nonResourceURLs:6[]string!
PolicyRulesWithSubjects subjects:1[]Subject! resourceRules:2[]ResourcePolicyRule nonResourceRules:3[]NonResourcePolicyRule
PriorityLevelConfiguration+ metadata:1meta/v1.ObjectMeta spec:2PriorityLevelConfigurationSpec status:3PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1string status:2string lastTransitionTime:3meta/v1.Time reason:4string message:5string
PriorityLevelConfigurationList+ metadata:1meta/v1.ListMeta items:2[]PriorityLevelConfiguration!
PriorityLevelConfigurationReference name:1string!
PriorityLevelConfigurationSpec type:1string! limited:2*LimitedPriorityLevelConfiguration exempt:3*ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus conditions:1[]PriorityLevelConfigurationCondition
QueuingConfiguration queues:1int32! handSize:2int32! queueLengthLimit:3int32!
ResourcePolicyRule verbs:1[]string! apiGroups:2[]string! resources:3[]string! clusterScope:4bool namespaces:5[]string!
ServiceAccountSubject namespace:1string! name:2string!
Subject kind:1string! user:2*UserSubject group:3*GroupSubject serviceAccount:4*ServiceAccountSubject
UserSubject name:1string!
# imagepolicy/v1alpha1 imagepolicy.k8s.io v1alpha1
ImageReview+ metadata:1meta/v1.ObjectMeta spec:2ImageReviewSpec! status:3ImageReviewStatus
ImageReviewContainerSpec image:1string
ImageReviewSpec containers:1[]ImageReviewContainerSpec annotations:2{}string namespace:3string
ImageReviewStatus allowed:1bool! reason:2string auditAnnotations:3{}string
# intstr
IntOrString type:1int64! intVal:2int32! strVal:3string!
# lifecycle/v1alpha1 lifecycle.k8s.io v1alpha1
Eviction+ metadata:1meta/v1.ObjectMeta spec:2EvictionSpec! status:3EvictionStatus
EvictionList+ metadata:1meta/v1.ListMeta items:2[]Eviction!
EvictionPodReference name:1string! uid:2string!
EvictionRequest+ metadata:1meta/v1.ObjectMeta spec:2EvictionRequestSpec! status:3EvictionRequestStatus
EvictionRequestList+ metadata:1meta/v1.ListMeta items:2[]EvictionRequest!
EvictionRequestPodReference name:1string! uid:2string!
EvictionRequestSpec target:1EvictionRequestTarget! requester:2string! intent:3string!
EvictionRequestStatus conditions:1[]meta/v1.Condition observedGeneration:2*int64
EvictionRequestTarget pod:1*EvictionRequestPodReference
EvictionSpec target:1EvictionTarget!
EvictionStatus conditions:1[]meta/v1.Condition observedGeneration:2*int64 requesters:3[]Requester targetResponders:4[]TargetResponder responders:5[]ResponderStatus
EvictionTarget pod:1*EvictionPodReference
Requester name:1string! intent:2string!
ResponderStatus name:1string! startTime:2*meta/v1.Time heartbeatTime:3*meta/v1.Time expectedCompletionTime:4*meta/v1.Time completionTime:5*meta/v1.Time message:6*string
TargetResponder name:1string! priority:2*int32! state:3string!
# meta/v1 meta.k8s.io v1
APIGroup+ name:1string! versions:2[]GroupVersionForDiscovery! preferredVersion:3GroupVersionForDiscovery serverAddressByClientCIDRs:4[]ServerAddressByClientCIDR
APIGroupList+ groups:1[]APIGroup!
APIResource name:1string! namespaced:2bool! kind:3string! verbs:4Verbs! shortNames:5[]string singularName:6string! categories:7[]string group:8string version:9string storageVersionHash:10string
APIResourceList+ groupVersion:1string! resources:2[]APIResource!
APIVersions+ versions:1[]string! serverAddressByClientCIDRs:2[]ServerAddressByClientCIDR!
ApplyOptions+ dryRun:1[]string force:2bool! fieldManager:3string!
Condition type:1string! status:2string! observedGeneration:3int64 lastTransitionTime:4Time! reason:5string! message:6string!
CreateOptions+ dryRun:1[]string fieldManager:3string fieldValidation:4string
DeleteOptions+ gracePeriodSeconds:1*int64 preconditions:2*Preconditions orphanDependents:3*bool propagationPolicy:4*string dryRun:5[]string ignoreStoreReadErrorWithClusterBreakingPotential:6*bool
Duration :1int64
ExportOptions+ export:1bool! exact:2bool!
FieldSelectorRequirement key:1string! operator:2string! values:3[]string
FieldsV1 Raw:1bytes
GetOptions+ resourceVersion:1string
GroupKind group:1string! kind:2string!
GroupResource group:1string! resource:2string!
GroupVersion group:1string! version:2string!
GroupVersionForDiscovery groupVersion:1string! version:2string!
GroupVersionKind group:1string! version:2string! kind:3string!
GroupVersionResource group:1string! version:2string! resource:3string!
LabelSelector matchLabels:1{}string matchExpressions:2[]LabelSelectorRequirement
LabelSelectorRequirement key:1string! operator:2string! values:3[]string
List+ metadata:1ListMeta items:2[]runtime.RawExtension!
ListMeta selfLink:1string resourceVersion:2string continue:3string remainingItemCount:4*int64 shardInfo:5*ShardInfo
ListOptions+ labelSelector:1string fieldSelector:2string watch:3bool resourceVersion:4string timeoutSeconds:5*int64 limit:7int64 continue:8string allowWatchBookmarks:9bool resourceVersionMatch:10string sendInitialEvents:11*bool shardSelector:15string
ManagedFieldsEntry manager:1string operation:2string apiVersion:3string time:4*Time fieldsType:6string fieldsV1:7*FieldsV1 subresource:8string
MicroTime seconds:1int64 nanos:2int32
ObjectMeta name:1string generateName:2string namespace:3string selfLink:4string uid:5string resourceVersion:6string generation:7int64 creationTimestamp:8Time0 deletionTimestamp:9*Time deletionGracePeriodSeconds:10*int64 labels:11{}string annotations:12{}string ownerReferences:13[]OwnerReference finalizers:14[]string clusterName:15string~ managedFields:17[]ManagedFieldsEntry
OwnerReference kind:1string! name:3string! uid:4string! apiVersion:5string! controller:6*bool blockOwnerDeletion:7*bool
PartialObjectMetadata+ metadata:1ObjectMeta
PartialObjectMetadataList+ metadata:1ListMeta items:2[]PartialObjectMetadata!
Patch
PatchOptions+ dryRun:1[]string force:2*bool fieldManager:3string fieldValidation:4string
Preconditions uid:1*string resourceVersion:2*string
RootPaths paths:1[]string!
ServerAddressByClientCIDR clientCIDR:1string! serverAddress:2string!
ShardInfo selector:1string!
Status+ metadata:1ListMeta status:2string message:3string reason:4string details:5*StatusDetails code:6int32
StatusCause reason:1string message:2string field:3string
StatusDetails name:1string group:2string kind:3string causes:4[]StatusCause retryAfterSeconds:5int32 uid:6string
TableOptions+ includeObject:1string
Time seconds:1int64 nanos:2int32
Timestamp seconds:1int64! nanos:2int32!
TypeMeta kind:1string apiVersion:2string
UpdateOptions+ dryRun:1[]string fieldManager:2string fieldValidation:3string
Verbs[] items:1[]string
WatchEvent type:1string! object:2runtime.RawExtension!
# meta/v1beta1 meta.k8s.io v1beta1
PartialObjectMetadataList+ items:1[]meta/v1.PartialObjectMetadata! metadata:2meta/v1.ListMeta
# networking/v1 networking.k8s.io v1
HTTPIngressPath path:1string backend:2IngressBackend! pathType:3*string!
HTTPIngressRuleValue paths:1[]HTTPIngressPath!
IPAddress+ metadata:1meta/v1.ObjectMeta spec:2IPAddressSpec
IPAddressList+ metadata:1meta/v1.ListMeta items:2[]IPAddress!
IPAddressSpec parentRef:1*ParentReference
IPBlock cidr:1string! except:2[]string
Ingress+ metadata:1meta/v1.ObjectMeta spec:2IngressSpec status:3IngressStatus
IngressBackend resource:3*core/v1.TypedLocalObjectReference service:4*IngressServiceBackend
IngressClass+ metadata:1meta/v1.ObjectMeta spec:2IngressClassSpec
IngressClassList+ metadata:1meta/v1.ListMeta items:2[]IngressClass!
IngressClassParametersReference apiGroup:1*string kind:2string! name:3string! scope:4*string! namespace:5*string
IngressClassSpec controller:1string parameters:2*IngressClassParametersReference
IngressList+ metadata:1meta/v1.ListMeta items:2[]Ingress!
IngressLoadBalancerIngress ip:1string hostname:2string ports:4[]IngressPortStatus
IngressLoadBalancerStatus ingress:1[]IngressLoadBalancerIngress
IngressPortStatus port:1int32! protocol:2string! error:3*string
IngressRule host:1string :2IngressRuleValue
IngressRuleValue http:1*HTTPIngressRuleValue
IngressServiceBackend name:1string! port:2ServiceBackendPort
IngressSpec defaultBackend:1*IngressBackend tls:2[]IngressTLS rules:3[]IngressRule ingressClassName:4*string
IngressStatus loadBalancer:1IngressLoadBalancerStatus
IngressTLS hosts:1[]string secretName:2string
NetworkPolicy+ metadata:1meta/v1.ObjectMeta spec:2NetworkPolicySpec status:3NetworkPolicyStatus~
NetworkPolicyEgressRule ports:1[]NetworkPolicyPort to:2[]NetworkPolicyPeer
NetworkPolicyIngressRule ports:1[]NetworkPolicyPort from:2[]NetworkPolicyPeer
NetworkPolicyList+ metadata:1meta/v1.ListMeta items:2[]NetworkPolicy!
NetworkPolicyPeer podSelector:1*meta/v1.LabelSelector namespaceSelector:2*meta/v1.LabelSelector ipBlock:3*IPBlock
NetworkPolicyPort protocol:1*string port:2*intstr.IntOrString endPort:3*int32
NetworkPolicySpec podSelector:1meta/v1.LabelSelector! ingress:2[]NetworkPolicyIngressRule egress:3[]NetworkPolicyEgressRule policyTypes:4[]string
NetworkPolicyStatus conditions:1[]meta/v1.Condition
ParentReference group:1string resource:2string namespace:3string name:4string
ServiceBackendPort name:1string number:2int32
ServiceCIDR+ metadata:1meta/v1.ObjectMeta spec:2ServiceCIDRSpec status:3ServiceCIDRStatus
ServiceCIDRList+ metadata:1meta/v1.ListMeta items:2[]ServiceCIDR!
ServiceCIDRSpec cidrs:1[]string
ServiceCIDRStatus conditions:1[]meta/v1.Condition
# networking/v1alpha1 networking.k8s.io v1alpha1
ClusterCIDR+ metadata:1meta/v1.ObjectMeta spec:2ClusterCIDRSpec
ClusterCIDRList+ metadata:1meta/v1.ListMeta items:2[]ClusterCIDR!
ClusterCIDRSpec nodeSelector:1*core/v1.NodeSelector perNodeHostBits:2int32! ipv4:3string! ipv6:4string!
IPAddress+ metadata:1meta/v1.ObjectMeta spec:2IPAddressSpec
IPAddressList+ metadata:1meta/v1.ListMeta items:2[]IPAddress!
IPAddressSpec parentRef:1*ParentReference
ParentReference group:1string resource:2string namespace:3string name:4string uid:5string~
ServiceCIDR+ metadata:1meta/v1.ObjectMeta spec:2ServiceCIDRSpec status:3ServiceCIDRStatus
ServiceCIDRList+ metadata:1meta/v1.ListMeta items:2[]ServiceCIDR!
ServiceCIDRSpec cidrs:1[]string
ServiceCIDRStatus conditions:1[]meta/v1.Condition
# networking/v1beta1 networking.k8s.io v1beta1
HTTPIngressPath path:1string backend:2IngressBackend! pathType:3*string
HTTPIngressRuleValue paths:1[]HTTPIngressPath!
IPAddress+ metadata:1meta/v1.ObjectMeta spec:2IPAddressSpec
IPAddressList+ metadata:1meta/v1.ListMeta items:2[]IPAddress!
IPAddressSpec parentRef:1*ParentReference
Ingress+ metadata:1meta/v1.ObjectMeta spec:2IngressSpec status:3IngressStatus
IngressBackend serviceName:1string servicePort:2intstr.IntOrString resource:3*core/v1.TypedLocalObjectReference
IngressClass+ metadata:1meta/v1.ObjectMeta spec:2IngressClassSpec
IngressClassList+ metadata:1meta/v1.ListMeta items:2[]IngressClass!
IngressClassParametersReference apiGroup:1*string kind:2string! name:3string! scope:4*string! namespace:5*string
IngressClassSpec controller:1string parameters:2*IngressClassParametersReference
IngressList+ metadata:1meta/v1.ListMeta items:2[]Ingress!
IngressLoadBalancerIngress ip:1string hostname:2string ports:4[]IngressPortStatus
IngressLoadBalancerStatus ingress:1[]IngressLoadBalancerIngress
IngressPortStatus port:1int32! protocol:2string! error:3*string
IngressRule host:1string :2IngressRuleValue
IngressRuleValue http:1*HTTPIngressRuleValue
IngressSpec backend:1*IngressBackend tls:2[]IngressTLS rules:3[]IngressRule ingressClassName:4*string
IngressStatus loadBalancer:1IngressLoadBalancerStatus
IngressTLS hosts:1[]string secretName:2string
ParentReference group:1string resource:2string namespace:3string name:4string
ServiceCIDR+ metadata:1meta/v1.ObjectMeta spec:2ServiceCIDRSpec status:3ServiceCIDRStatus
ServiceCIDRList+ metadata:1meta/v1.ListMeta items:2[]ServiceCIDR!
ServiceCIDRSpec cidrs:1[]string
ServiceCIDRStatus conditions:1[]meta/v1.Condition
# node/v1 node.k8s.io v1
Overhead podFixed:1{}resource.Quantity
RuntimeClass+ metadata:1meta/v1.ObjectMeta handler:2string! overhead:3*Overhead scheduling:4*Scheduling
RuntimeClassList+ metadata:1meta/v1.ListMeta items:2[]RuntimeClass!
Scheduling nodeSelector:1{}string tolerations:2[]core/v1.Toleration
# node/v1alpha1 node.k8s.io v1alpha1
Overhead podFixed:1{}resource.Quantity
RuntimeClass+ metadata:1meta/v1.ObjectMeta spec:2RuntimeClassSpec!
RuntimeClassList+ metadata:1meta/v1.ListMeta items:2[]RuntimeClass!
RuntimeClassSpec runtimeHandler:1string! overhead:2*Overhead scheduling:3*Scheduling
Scheduling nodeSelector:1{}string tolerations:2[]core/v1.Toleration
# node/v1beta1 node.k8s.io v1beta1
Overhead podFixed:1{}resource.Quantity
RuntimeClass+ metadata:1meta/v1.ObjectMeta handler:2string! overhead:3*Overhead scheduling:4*Scheduling
RuntimeClassList+ metadata:1meta/v1.ListMeta items:2[]RuntimeClass!
Scheduling nodeSelector:1{}string tolerations:2[]core/v1.Toleration
# policy/v1 policy v1
Eviction+ metadata:1meta/v1.ObjectMeta deleteOptions:2*meta/v1.DeleteOptions
PodDisruptionBudget+ metadata:1meta/v1.ObjectMeta spec:2PodDisruptionBudgetSpec status:3PodDisruptionBudgetStatus
PodDisruptionBudgetList+ metadata:1meta/v1.ListMeta items:2[]PodDisruptionBudget!
PodDisruptionBudgetSpec minAvailable:1*intstr.IntOrString selector:2*meta/v1.LabelSelector maxUnavailable:3*intstr.IntOrString unhealthyPodEvictionPolicy:4*string
PodDisruptionBudgetStatus observedGeneration:1int64 disruptedPods:2{}meta/v1.Time disruptionsAllowed:3int32! currentHealthy:4int32! desiredHealthy:5int32! expectedPods:6int32! conditions:7[]meta/v1.Condition
# policy/v1beta1 policy v1beta1
AllowedCSIDriver name:1string!
AllowedFlexVolume driver:1string!
AllowedHostPath pathPrefix:1string readOnly:2bool
Eviction+ metadata:1meta/v1.ObjectMeta deleteOptions:2*meta/v1.DeleteOptions
FSGroupStrategyOptions rule:1string ranges:2[]IDRange
HostPortRange min:1int32! max:2int32!
IDRange min:1int64! max:2int64!
PodDisruptionBudget+ metadata:1meta/v1.ObjectMeta spec:2PodDisruptionBudgetSpec status:3PodDisruptionBudgetStatus
PodDisruptionBudgetList+ metadata:1meta/v1.ListMeta items:2[]PodDisruptionBudget!
PodDisruptionBudgetSpec minAvailable:1*intstr.IntOrString selector:2*meta/v1.LabelSelector maxUnavailable:3*intstr.IntOrString unhealthyPodEvictionPolicy:4*string
PodDisruptionBudgetStatus observedGeneration:1int64 disruptedPods:2{}meta/v1.Time disruptionsAllowed:3int32! currentHealthy:4int32! desiredHealthy:5int32! expectedPods:6int32! conditions:7[]meta/v1.Condition
PodSecurityPolicy+ metadata:1meta/v1.ObjectMeta spec:2PodSecurityPolicySpec
PodSecurityPolicyList+ metadata:1meta/v1.ListMeta items:2[]PodSecurityPolicy!
PodSecurityPolicySpec privileged:1bool defaultAddCapabilities:2[]string requiredDropCapabilities:3[]string allowedCapabilities:4[]string volumes:5[]string hostNetwork:6bool hostPorts:7[]HostPortRange hostPID:8bool hostIPC:9bool seLinux:10SELinuxStrategyOptions! runAsUser:11RunAsUserStrategyOptions! supplementalGroups:12SupplementalGroupsStrategyOptions! fsGroup:13FSGroupStrategyOptions! readOnlyRootFilesystem:14bool defaultAllowPrivilegeEscalation:15*bool allowPrivilegeEscalation:16*bool allowedHostPaths:17[]AllowedHostPath allowedFlexVolumes:18[]AllowedFlexVolume allowedUnsafeSysctls:19[]string forbiddenSysctls:20[]string allowedProcMountTypes:21[]string runAsGroup:22*RunAsGroupStrategyOptions allowedCSIDrivers:23[]AllowedCSIDriver runtimeClass:24*RuntimeClassStrategyOptions
RunAsGroupStrategyOptions rule:1string! ranges:2[]IDRange
RunAsUserStrategyOptions rule:1string! ranges:2[]IDRange
RuntimeClassStrategyOptions allowedRuntimeClassNames:1[]string! defaultRuntimeClassName:2*string
SELinuxStrategyOptions rule:1string! seLinuxOptions:2*core/v1.SELinuxOptions
SupplementalGroupsStrategyOptions rule:1string ranges:2[]IDRange
# rbac/v1 rbac.authorization.k8s.io v1
AggregationRule clusterRoleSelectors:1[]meta/v1.LabelSelector
ClusterRole+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule! aggregationRule:3*AggregationRule
ClusterRoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
ClusterRoleBindingList+ metadata:1meta/v1.ListMeta items:2[]ClusterRoleBinding!
ClusterRoleList+ metadata:1meta/v1.ListMeta items:2[]ClusterRole!
PolicyRule verbs:1[]string! apiGroups:2[]string resources:3[]string resourceNames:4[]string nonResourceURLs:5[]string
Role+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule!
RoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
RoleBindingList+ metadata:1meta/v1.ListMeta items:2[]RoleBinding!
RoleList+ metadata:1meta/v1.ListMeta items:2[]Role!
RoleRef apiGroup:1string! kind:2string! name:3string!
Subject kind:1string! apiGroup:2string name:3string! namespace:4string
# rbac/v1alpha1 rbac.authorization.k8s.io v1alpha1
AggregationRule clusterRoleSelectors:1[]meta/v1.LabelSelector
ClusterRole+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule! aggregationRule:3*AggregationRule
ClusterRoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
ClusterRoleBindingList+ metadata:1meta/v1.ListMeta items:2[]ClusterRoleBinding!
ClusterRoleList+ metadata:1meta/v1.ListMeta items:2[]ClusterRole!
PolicyRule verbs:1[]string! apiGroups:3[]string resources:4[]string resourceNames:5[]string nonResourceURLs:6[]string
Role+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule!
RoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
RoleBindingList+ metadata:1meta/v1.ListMeta items:2[]RoleBinding!
RoleList+ metadata:1meta/v1.ListMeta items:2[]Role!
RoleRef apiGroup:1string! kind:2string! name:3string!
Subject kind:1string! apiVersion:2string name:3string! namespace:4string
# rbac/v1beta1 rbac.authorization.k8s.io v1beta1
AggregationRule clusterRoleSelectors:1[]meta/v1.LabelSelector
ClusterRole+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule! aggregationRule:3*AggregationRule
ClusterRoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
ClusterRoleBindingList+ metadata:1meta/v1.ListMeta items:2[]ClusterRoleBinding!
ClusterRoleList+ metadata:1meta/v1.ListMeta items:2[]ClusterRole!
PolicyRule verbs:1[]string! apiGroups:2[]string resources:3[]string resourceNames:4[]string nonResourceURLs:5[]string
Role+ metadata:1meta/v1.ObjectMeta rules:2[]PolicyRule!
RoleBinding+ metadata:1meta/v1.ObjectMeta subjects:2[]Subject roleRef:3RoleRef!
RoleBindingList+ metadata:1meta/v1.ListMeta items:2[]RoleBinding!
RoleList+ metadata:1meta/v1.ListMeta items:2[]Role!
RoleRef apiGroup:1string! kind:2string! name:3string!
Subject kind:1string! apiGroup:2string name:3string! namespace:4string
# resource
Quantity string:1string
QuantityValue string:1string
# resource/v1 resource.k8s.io v1
AllocatedDeviceStatus driver:1string! pool:2string! device:3string! conditions:4[]meta/v1.Condition! data:5*runtime.RawExtension networkData:6*NetworkDeviceData shareID:7*string
AllocationResult devices:1DeviceAllocationResult nodeSelector:3*core/v1.NodeSelector allocationTimestamp:5*meta/v1.Time
CELDeviceSelector expression:1string!
CapacityRequestPolicy default:1*resource.Quantity! validValues:3[]resource.Quantity validRange:4*CapacityRequestPolicyRange
CapacityRequestPolicyRange min:1*resource.Quantity max:2*resource.Quantity step:3*resource.Quantity
CapacityRequirements requests:1{}resource.Quantity
Counter value:1resource.Quantity!
CounterSet name:1string! counters:2{}Counter
Device name:1string! attributes:2{}DeviceAttribute capacity:3{}DeviceCapacity consumesCounters:4[]DeviceCounterConsumption nodeName:5*string nodeSelector:6*core/v1.NodeSelector allNodes:7*bool taints:8[]DeviceTaint bindsToNode:9*bool bindingConditions:10[]string bindingFailureConditions:11[]string allowMultipleAllocations:12*bool nodeAllocatableResourceMappings:13{}NodeAllocatableResourceMapping~ nodeAllocatableResources:14{}NodeAllocatableResource
DeviceAllocationConfiguration source:1string! requests:2[]string :3DeviceConfiguration
DeviceAllocationResult results:1[]DeviceRequestAllocationResult config:2[]DeviceAllocationConfiguration
DeviceAttribute int:2*int64 bool:3*bool string:4*string version:5*string ints:6[]int64 bools:7[]bool strings:8[]string versions:9[]string
DeviceCapacity value:1resource.Quantity! requestPolicy:2*CapacityRequestPolicy
DeviceClaim requests:1[]DeviceRequest! constraints:2[]DeviceConstraint config:3[]DeviceClaimConfiguration
DeviceClaimConfiguration requests:1[]string :2DeviceConfiguration
DeviceClass+ metadata:1meta/v1.ObjectMeta spec:2DeviceClassSpec!
DeviceClassConfiguration :1DeviceConfiguration
DeviceClassList+ metadata:1meta/v1.ListMeta items:2[]DeviceClass!
DeviceClassSpec selectors:1[]DeviceSelector config:2[]DeviceClassConfiguration extendedResourceName:4*string
DeviceConfiguration opaque:1*OpaqueDeviceConfiguration
DeviceConstraint requests:1[]string matchAttribute:2*string distinctAttribute:3*string
DeviceCounterConsumption counterSet:1string! counters:2{}Counter compatibilityGroups:3[]string
DeviceDerivedAttribute name:1string! expression:2string!
DeviceRequest name:1string! exactly:2*ExactDeviceRequest firstAvailable:3[]DeviceSubRequest
DeviceRequestAllocationResult request:1string! driver:2string! pool:3string! device:4string! adminAccess:5*bool tolerations:6[]DeviceToleration bindingConditions:7[]string bindingFailureConditions:8[]string shareID:9*string consumedCapacity:10{}resource.Quantity skipNodeOperations:11[]string
DeviceSelector cel:1*CELDeviceSelector
DeviceSubRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 tolerations:6[]DeviceToleration capacity:7*CapacityRequirements derivedAttributes:8[]DeviceDerivedAttribute
DeviceTaint key:1string! value:2string effect:3string! timeAdded:4*meta/v1.Time
DeviceTaintRule+ metadata:1meta/v1.ObjectMeta spec:2DeviceTaintRuleSpec! status:3DeviceTaintRuleStatus
DeviceTaintRuleList+ metadata:1meta/v1.ListMeta items:2[]DeviceTaintRule!
DeviceTaintRuleSpec deviceSelector:1*DeviceTaintSelector taint:2DeviceTaint
DeviceTaintRuleStatus conditions:1[]meta/v1.Condition
DeviceTaintSelector driver:2*string pool:3*string device:4*string
DeviceToleration key:1string operator:2string value:3string effect:4string tolerationSeconds:5*int64
ExactDeviceRequest deviceClassName:1string! selectors:2[]DeviceSelector allocationMode:3string count:4int64 adminAccess:5*bool tolerations:6[]DeviceToleration capacity:7*CapacityRequirements derivedAttributes:8[]DeviceDerivedAttribute
NetworkDeviceData interfaceName:1string ips:2[]string hardwareAddress:3string
NodeAllocatableMapping capacityKey:1*string capacityMultiplier:2*resource.Quantity deviceMultiplier:3*resource.Quantity
NodeAllocatableOverhead perPod:1*resource.Quantity perContainer:2*resource.Quantity
NodeAllocatableResource mapping:3*NodeAllocatableMapping overhead:4*NodeAllocatableOverhead
NodeAllocatableResourceMapping capacityKey:1*string allocationMultiplier:2*resource.Quantity
OpaqueDeviceConfiguration driver:1string! parameters:2runtime.RawExtension!
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimSpec devices:1DeviceClaim!
ResourceClaimStatus allocation:1*AllocationResult reservedFor:2[]ResourceClaimConsumerReference devices:4[]AllocatedDeviceStatus
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourcePool name:1string! generation:2int64! resourceSliceCount:3int64!
ResourceSlice+ metadata:1meta/v1.ObjectMeta spec:2ResourceSliceSpec!
ResourceSliceList+ metadata:1meta/v1.ListMeta items:2[]ResourceSlice!
ResourceSliceSpec driver:1string! pool:2ResourcePool! nodeName:3*string nodeSelector:4*core/v1.NodeSelector allNodes:5*bool devices:6[]Device perDeviceNodeSelection:7*bool sharedCounters:8[]CounterSet partitionTypeAttribute:9*string skipNodeOperations:10[]string
# resource/v1alpha1 resource.k8s.io v1alpha1
AllocationResult resourceHandle:1string availableOnNodes:2*core/v1.NodeSelector shareable:3bool
PodScheduling+ metadata:1meta/v1.ObjectMeta spec:2PodSchedulingSpec! status:3PodSchedulingStatus
PodSchedulingList+ metadata:1meta/v1.ListMeta items:2[]PodScheduling!
PodSchedulingSpec selectedNode:1string potentialNodes:2[]string
PodSchedulingStatus resourceClaims:1[]ResourceClaimSchedulingStatus
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimParametersReference apiGroup:1string kind:2string! name:3string!
ResourceClaimSchedulingStatus name:1string unsuitableNodes:2[]string
ResourceClaimSpec resourceClassName:1string! parametersRef:2*ResourceClaimParametersReference allocationMode:3string
ResourceClaimStatus driverName:1string allocation:2*AllocationResult reservedFor:3[]ResourceClaimConsumerReference deallocationRequested:4bool
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourceClass+ metadata:1meta/v1.ObjectMeta driverName:2string! parametersRef:3*ResourceClassParametersReference suitableNodes:4*core/v1.NodeSelector
ResourceClassList+ metadata:1meta/v1.ListMeta items:2[]ResourceClass!
ResourceClassParametersReference apiGroup:1string kind:2string! name:3string! namespace:4string
# resource/v1alpha2 resource.k8s.io v1alpha2
AllocationResult resourceHandles:1[]ResourceHandle availableOnNodes:2*core/v1.NodeSelector shareable:3bool
AllocationResultModel namedResources:1*NamedResourcesAllocationResult
DriverAllocationResult vendorRequestParameters:1runtime.RawExtension :2AllocationResultModel
DriverRequests driverName:1string vendorParameters:2runtime.RawExtension requests:3[]ResourceRequest
NamedResourcesAllocationResult name:1string!
NamedResourcesAttribute name:1string! :2NamedResourcesAttributeValue
NamedResourcesAttributeValue bool:2*bool string:5*string quantity:6*resource.Quantity int:7*int64 intSlice:8*NamedResourcesIntSlice stringSlice:9*NamedResourcesStringSlice version:10*string
NamedResourcesFilter selector:1string!
NamedResourcesInstance name:1string! attributes:2[]NamedResourcesAttribute
NamedResourcesIntSlice ints:1[]int64!
NamedResourcesRequest selector:1string!
NamedResourcesResources instances:1[]NamedResourcesInstance!
NamedResourcesStringSlice strings:1[]string!
PodSchedulingContext+ metadata:1meta/v1.ObjectMeta spec:2PodSchedulingContextSpec! status:3PodSchedulingContextStatus
PodSchedulingContextList+ metadata:1meta/v1.ListMeta items:2[]PodSchedulingContext!
PodSchedulingContextSpec selectedNode:1string potentialNodes:2[]string
PodSchedulingContextStatus resourceClaims:1[]ResourceClaimSchedulingStatus
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimParameters+ metadata:1meta/v1.ObjectMeta generatedFrom:2*ResourceClaimParametersReference shareable:3bool driverRequests:4[]DriverRequests
ResourceClaimParametersList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimParameters!
ResourceClaimParametersReference apiGroup:1string kind:2string! name:3string!
ResourceClaimSchedulingStatus name:1string unsuitableNodes:2[]string
ResourceClaimSpec resourceClassName:1string! parametersRef:2*ResourceClaimParametersReference allocationMode:3string
ResourceClaimStatus driverName:1string allocation:2*AllocationResult reservedFor:3[]ResourceClaimConsumerReference deallocationRequested:4bool
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourceClass+ metadata:1meta/v1.ObjectMeta driverName:2string! parametersRef:3*ResourceClassParametersReference suitableNodes:4*core/v1.NodeSelector structuredParameters:5*bool
ResourceClassList+ metadata:1meta/v1.ListMeta items:2[]ResourceClass!
ResourceClassParameters+ metadata:1meta/v1.ObjectMeta generatedFrom:2*ResourceClassParametersReference vendorParameters:3[]VendorParameters filters:4[]ResourceFilter
ResourceClassParametersList+ metadata:1meta/v1.ListMeta items:2[]ResourceClassParameters!
ResourceClassParametersReference apiGroup:1string kind:2string! name:3string! namespace:4string
ResourceFilter driverName:1string :2ResourceFilterModel
ResourceFilterModel namedResources:1*NamedResourcesFilter
ResourceHandle driverName:1string data:2string structuredData:5*StructuredResourceHandle
ResourceModel namedResources:1*NamedResourcesResources
ResourceRequest vendorParameters:1runtime.RawExtension :2ResourceRequestModel
ResourceRequestModel namedResources:1*NamedResourcesRequest
ResourceSlice+ metadata:1meta/v1.ObjectMeta nodeName:2string driverName:3string! :4ResourceModel
ResourceSliceList+ metadata:1meta/v1.ListMeta items:2[]ResourceSlice!
StructuredResourceHandle vendorClassParameters:1runtime.RawExtension vendorClaimParameters:2runtime.RawExtension nodeName:4string results:5[]DriverAllocationResult!
VendorParameters driverName:1string parameters:2runtime.RawExtension
# resource/v1alpha3 resource.k8s.io v1alpha3
AllocatedDeviceStatus driver:1string! pool:2string! device:3string! conditions:4[]meta/v1.Condition! data:5*runtime.RawExtension networkData:6*NetworkDeviceData
AllocationResult devices:1DeviceAllocationResult nodeSelector:3*core/v1.NodeSelector controller:4string~
BasicDevice attributes:1{}DeviceAttribute capacity:2{}resource.Quantity consumesCounters:3[]DeviceCounterConsumption nodeName:4*string nodeSelector:5*core/v1.NodeSelector allNodes:6*bool taints:7[]DeviceTaint
CELDeviceSelector expression:1string!
Counter value:1resource.Quantity!
CounterSet name:1string! counters:2{}Counter
Device name:1string! basic:2*BasicDevice
DeviceAllocationConfiguration source:1string! requests:2[]string :3DeviceConfiguration
DeviceAllocationResult results:1[]DeviceRequestAllocationResult config:2[]DeviceAllocationConfiguration
DeviceAttribute int:2*int64 bool:3*bool string:4*string version:5*string
DeviceClaim requests:1[]DeviceRequest! constraints:2[]DeviceConstraint config:3[]DeviceClaimConfiguration
DeviceClaimConfiguration requests:1[]string :2DeviceConfiguration
DeviceClass+ metadata:1meta/v1.ObjectMeta spec:2DeviceClassSpec!
DeviceClassConfiguration :1DeviceConfiguration
DeviceClassList+ metadata:1meta/v1.ListMeta items:2[]DeviceClass!
DeviceClassSpec selectors:1[]DeviceSelector config:2[]DeviceClassConfiguration suitableNodes:3*core/v1.NodeSelector~
DeviceConfiguration opaque:1*OpaqueDeviceConfiguration
DeviceConstraint requests:1[]string matchAttribute:2*string
DeviceCounterConsumption counterSet:1string! counters:2{}Counter
DeviceRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 adminAccess:6*bool firstAvailable:7[]DeviceSubRequest tolerations:8[]DeviceToleration
DeviceRequestAllocationResult request:1string! driver:2string! pool:3string! device:4string! adminAccess:5*bool! tolerations:6[]DeviceToleration
DeviceSelector cel:1*CELDeviceSelector
DeviceSubRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 tolerations:7[]DeviceToleration
DeviceTaint key:1string! value:2string effect:3string! timeAdded:4*meta/v1.Time
DeviceTaintRule+ metadata:1meta/v1.ObjectMeta spec:2DeviceTaintRuleSpec! status:3DeviceTaintRuleStatus^
DeviceTaintRuleList+ metadata:1meta/v1.ListMeta items:2[]DeviceTaintRule!
DeviceTaintRuleSpec deviceSelector:1*DeviceTaintSelector taint:2DeviceTaint
DeviceTaintRuleStatus conditions:1[]meta/v1.Condition
DeviceTaintSelector deviceClassName:1*string~ driver:2*string pool:3*string device:4*string selectors:5[]DeviceSelector~
DeviceToleration key:1string operator:2string value:3string effect:4string tolerationSeconds:5*int64
NetworkDeviceData interfaceName:1string ips:2[]string hardwareAddress:3string
OpaqueDeviceConfiguration driver:1string! parameters:2runtime.RawExtension!
PartitionTypeStatus type:1string total:2*int32 allocatable:3*int32 attribute:4string
PodSchedulingContext+ metadata:1meta/v1.ObjectMeta spec:2PodSchedulingContextSpec! status:3PodSchedulingContextStatus
PodSchedulingContextList+ metadata:1meta/v1.ListMeta items:2[]PodSchedulingContext!
PodSchedulingContextSpec selectedNode:1string potentialNodes:2[]string
PodSchedulingContextStatus resourceClaims:1[]ResourceClaimSchedulingStatus
PoolStatus driver:1string poolName:2string nodeName:3*string totalDevices:4*int32 allocatedDevices:5*int32 availableDevices:6*int32 unavailableDevices:7*int32 resourceSliceCount:8*int32 generation:9int64! validationError:10*string partitionSummary:11[]PartitionTypeStatus shareableSummary:13*ShareableSummaryStatus
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimSchedulingStatus name:1string! unsuitableNodes:2[]string
ResourceClaimSpec devices:1DeviceClaim! controller:2string~
ResourceClaimStatus allocation:1*AllocationResult reservedFor:2[]ResourceClaimConsumerReference deallocationRequested:3bool~ devices:4[]AllocatedDeviceStatus
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourcePool name:1string! generation:2int64! resourceSliceCount:3int64!
ResourcePoolStatusRequest+ metadata:1meta/v1.ObjectMeta spec:2ResourcePoolStatusRequestSpec! status:3*ResourcePoolStatusRequestStatus
ResourcePoolStatusRequestList+ metadata:1meta/v1.ListMeta items:2[]ResourcePoolStatusRequest!
ResourcePoolStatusRequestSpec driver:1string! poolName:2*string limit:3*int32 defaultPartitionTypeAttribute:4*string
ResourcePoolStatusRequestStatus pools:2[]PoolStatus conditions:3[]meta/v1.Condition poolCount:6*int32
ResourceSlice+ metadata:1meta/v1.ObjectMeta spec:2ResourceSliceSpec!
ResourceSliceList+ metadata:1meta/v1.ListMeta items:2[]ResourceSlice!
ResourceSliceSpec driver:1string! pool:2ResourcePool! nodeName:3string nodeSelector:4*core/v1.NodeSelector allNodes:5bool devices:6[]Device! perDeviceNodeSelection:7*bool sharedCounters:8[]CounterSet
ShareableCapacityStatus name:1string total:2*resource.Quantity consumed:3*resource.Quantity available:4*resource.Quantity
ShareableSummaryStatus fullyAvailableDevices:1*int32 partiallyAvailableDevices:2*int32 capacity:3[]ShareableCapacityStatus
# resource/v1beta1 resource.k8s.io v1beta1
AllocatedDeviceStatus driver:1string! pool:2string! device:3string! conditions:4[]meta/v1.Condition! data:5*runtime.RawExtension networkData:6*NetworkDeviceData shareID:7*string
AllocationResult devices:1DeviceAllocationResult nodeSelector:3*core/v1.NodeSelector allocationTimestamp:5*meta/v1.Time
BasicDevice attributes:1{}DeviceAttribute capacity:2{}DeviceCapacity consumesCounters:3[]DeviceCounterConsumption nodeName:4*string nodeSelector:5*core/v1.NodeSelector allNodes:6*bool taints:7[]DeviceTaint bindsToNode:8*bool bindingConditions:9[]string bindingFailureConditions:10[]string allowMultipleAllocations:11*bool nodeAllocatableResourceMappings:12{}NodeAllocatableResourceMapping~ nodeAllocatableResources:14{}NodeAllocatableResource
CELDeviceSelector expression:1string!
CapacityRequestPolicy default:1*resource.Quantity! validValues:3[]resource.Quantity validRange:4*CapacityRequestPolicyRange
CapacityRequestPolicyRange min:1*resource.Quantity max:2*resource.Quantity step:3*resource.Quantity
CapacityRequirements requests:1{}resource.Quantity
Counter value:1resource.Quantity!
CounterSet name:1string! counters:2{}Counter
Device name:1string! basic:2*BasicDevice
DeviceAllocationConfiguration source:1string! requests:2[]string :3DeviceConfiguration
DeviceAllocationResult results:1[]DeviceRequestAllocationResult config:2[]DeviceAllocationConfiguration
DeviceAttribute int:2*int64 bool:3*bool string:4*string version:5*string ints:6[]int64 bools:7[]bool strings:8[]string versions:9[]string
DeviceCapacity value:1resource.Quantity! requestPolicy:2*CapacityRequestPolicy
DeviceClaim requests:1[]DeviceRequest! constraints:2[]DeviceConstraint config:3[]DeviceClaimConfiguration
DeviceClaimConfiguration requests:1[]string :2DeviceConfiguration
DeviceClass+ metadata:1meta/v1.ObjectMeta spec:2DeviceClassSpec!
DeviceClassConfiguration :1DeviceConfiguration
DeviceClassList+ metadata:1meta/v1.ListMeta items:2[]DeviceClass!
DeviceClassSpec selectors:1[]DeviceSelector config:2[]DeviceClassConfiguration extendedResourceName:4*string
DeviceConfiguration opaque:1*OpaqueDeviceConfiguration
DeviceConstraint requests:1[]string matchAttribute:2*string distinctAttribute:3*string
DeviceCounterConsumption counterSet:1string! counters:2{}Counter compatibilityGroups:3[]string
DeviceDerivedAttribute name:1string! expression:2string!
DeviceRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 adminAccess:6*bool firstAvailable:7[]DeviceSubRequest tolerations:8[]DeviceToleration capacity:9*CapacityRequirements derivedAttributes:10[]DeviceDerivedAttribute
DeviceRequestAllocationResult request:1string! driver:2string! pool:3string! device:4string! adminAccess:5*bool tolerations:6[]DeviceToleration bindingConditions:7[]string bindingFailureConditions:8[]string shareID:9*string consumedCapacity:10{}resource.Quantity skipNodeOperations:11[]string
DeviceSelector cel:1*CELDeviceSelector
DeviceSubRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 tolerations:7[]DeviceToleration capacity:8*CapacityRequirements derivedAttributes:9[]DeviceDerivedAttribute
DeviceTaint key:1string! value:2string effect:3string! timeAdded:4*meta/v1.Time
DeviceToleration key:1string operator:2string value:3string effect:4string tolerationSeconds:5*int64
NetworkDeviceData interfaceName:1string ips:2[]string hardwareAddress:3string
NodeAllocatableMapping capacityKey:1*string capacityMultiplier:2*resource.Quantity deviceMultiplier:3*resource.Quantity
NodeAllocatableOverhead perPod:1*resource.Quantity perContainer:2*resource.Quantity
NodeAllocatableResource mapping:3*NodeAllocatableMapping overhead:4*NodeAllocatableOverhead
NodeAllocatableResourceMapping capacityKey:1*string allocationMultiplier:2*resource.Quantity
OpaqueDeviceConfiguration driver:1string! parameters:2runtime.RawExtension!
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimSpec devices:1DeviceClaim!
ResourceClaimStatus allocation:1*AllocationResult reservedFor:2[]ResourceClaimConsumerReference devices:4[]AllocatedDeviceStatus
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourcePool name:1string! generation:2int64! resourceSliceCount:3int64!
ResourceSlice+ metadata:1meta/v1.ObjectMeta spec:2ResourceSliceSpec!
ResourceSliceList+ metadata:1meta/v1.ListMeta items:2[]ResourceSlice!
ResourceSliceSpec driver:1string! pool:2ResourcePool! nodeName:3string nodeSelector:4*core/v1.NodeSelector allNodes:5bool devices:6[]Device perDeviceNodeSelection:7*bool sharedCounters:8[]CounterSet partitionTypeAttribute:9*string skipNodeOperations:10[]string
# resource/v1beta2 resource.k8s.io v1beta2
AllocatedDeviceStatus driver:1string! pool:2string! device:3string! conditions:4[]meta/v1.Condition! data:5*runtime.RawExtension networkData:6*NetworkDeviceData shareID:7*string
AllocationResult devices:1DeviceAllocationResult nodeSelector:3*core/v1.NodeSelector allocationTimestamp:5*meta/v1.Time
CELDeviceSelector expression:1string!
CapacityRequestPolicy default:1*resource.Quantity! validValues:3[]resource.Quantity validRange:4*CapacityRequestPolicyRange
CapacityRequestPolicyRange min:1*resource.Quantity max:2*resource.Quantity step:3*resource.Quantity
CapacityRequirements requests:1{}resource.Quantity
Counter value:1resource.Quantity!
CounterSet name:1string! counters:2{}Counter
Device name:1string! attributes:2{}DeviceAttribute capacity:3{}DeviceCapacity consumesCounters:4[]DeviceCounterConsumption nodeName:5*string nodeSelector:6*core/v1.NodeSelector allNodes:7*bool taints:8[]DeviceTaint bindsToNode:9*bool bindingConditions:10[]string bindingFailureConditions:11[]string allowMultipleAllocations:12*bool nodeAllocatableResourceMappings:13{}NodeAllocatableResourceMapping~ nodeAllocatableResources:14{}NodeAllocatableResource
DeviceAllocationConfiguration source:1string! requests:2[]string :3DeviceConfiguration
DeviceAllocationResult results:1[]DeviceRequestAllocationResult config:2[]DeviceAllocationConfiguration
DeviceAttribute int:2*int64 bool:3*bool string:4*string version:5*string ints:6[]int64 bools:7[]bool strings:8[]string versions:9[]string
DeviceCapacity value:1resource.Quantity! requestPolicy:2*CapacityRequestPolicy
DeviceClaim requests:1[]DeviceRequest! constraints:2[]DeviceConstraint config:3[]DeviceClaimConfiguration
DeviceClaimConfiguration requests:1[]string :2DeviceConfiguration
DeviceClass+ metadata:1meta/v1.ObjectMeta spec:2DeviceClassSpec!
DeviceClassConfiguration :1DeviceConfiguration
DeviceClassList+ metadata:1meta/v1.ListMeta items:2[]DeviceClass!
DeviceClassSpec selectors:1[]DeviceSelector config:2[]DeviceClassConfiguration extendedResourceName:4*string
DeviceConfiguration opaque:1*OpaqueDeviceConfiguration
DeviceConstraint requests:1[]string matchAttribute:2*string distinctAttribute:3*string
DeviceCounterConsumption counterSet:1string! counters:2{}Counter compatibilityGroups:3[]string
DeviceDerivedAttribute name:1string! expression:2string!
DeviceRequest name:1string! exactly:2*ExactDeviceRequest firstAvailable:3[]DeviceSubRequest
DeviceRequestAllocationResult request:1string! driver:2string! pool:3string! device:4string! adminAccess:5*bool tolerations:6[]DeviceToleration bindingConditions:7[]string bindingFailureConditions:8[]string shareID:9*string consumedCapacity:10{}resource.Quantity skipNodeOperations:11[]string
DeviceSelector cel:1*CELDeviceSelector
DeviceSubRequest name:1string! deviceClassName:2string! selectors:3[]DeviceSelector allocationMode:4string count:5int64 tolerations:6[]DeviceToleration capacity:7*CapacityRequirements derivedAttributes:8[]DeviceDerivedAttribute
DeviceTaint key:1string! value:2string effect:3string! timeAdded:4*meta/v1.Time
DeviceTaintRule+ metadata:1meta/v1.ObjectMeta spec:2DeviceTaintRuleSpec! status:3DeviceTaintRuleStatus
DeviceTaintRuleList+ metadata:1meta/v1.ListMeta items:2[]DeviceTaintRule!
DeviceTaintRuleSpec deviceSelector:1*DeviceTaintSelector taint:2DeviceTaint
DeviceTaintRuleStatus conditions:1[]meta/v1.Condition
DeviceTaintSelector driver:2*string pool:3*string device:4*string
DeviceToleration key:1string operator:2string value:3string effect:4string tolerationSeconds:5*int64
ExactDeviceRequest deviceClassName:1string! selectors:2[]DeviceSelector allocationMode:3string count:4int64 adminAccess:5*bool tolerations:6[]DeviceToleration capacity:7*CapacityRequirements derivedAttributes:8[]DeviceDerivedAttribute
NetworkDeviceData interfaceName:1string ips:2[]string hardwareAddress:3string
NodeAllocatableMapping capacityKey:1*string capacityMultiplier:2*resource.Quantity deviceMultiplier:3*resource.Quantity
NodeAllocatableOverhead perPod:1*resource.Quantity perContainer:2*resource.Quantity
NodeAllocatableResource mapping:3*NodeAllocatableMapping overhead:4*NodeAllocatableOverhead
NodeAllocatableResourceMapping capacityKey:1*string allocationMultiplier:2*resource.Quantity
OpaqueDeviceConfiguration driver:1string! parameters:2runtime.RawExtension!
ResourceClaim+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec! status:3ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1string resource:3string! name:4string! uid:5string!
ResourceClaimList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaim!
ResourceClaimSpec devices:1DeviceClaim!
ResourceClaimStatus allocation:1*AllocationResult reservedFor:2[]ResourceClaimConsumerReference devices:4[]AllocatedDeviceStatus
ResourceClaimTemplate+ metadata:1meta/v1.ObjectMeta spec:2ResourceClaimTemplateSpec!
ResourceClaimTemplateList+ metadata:1meta/v1.ListMeta items:2[]ResourceClaimTemplate!
ResourceClaimTemplateSpec metadata:1meta/v1.ObjectMeta spec:2ResourceClaimSpec!
ResourcePool name:1string! generation:2int64! resourceSliceCount:3int64!
ResourceSlice+ metadata:1meta/v1.ObjectMeta spec:2ResourceSliceSpec!
ResourceSliceList+ metadata:1meta/v1.ListMeta items:2[]ResourceSlice!
ResourceSliceSpec driver:1string! pool:2ResourcePool! nodeName:3*string nodeSelector:4*core/v1.NodeSelector allNodes:5*bool devices:6[]Device perDeviceNodeSelection:7*bool sharedCounters:8[]CounterSet partitionTypeAttribute:9*string skipNodeOperations:10[]string
# runtime
RawExtension raw:1bytes!
TypeMeta apiVersion:1string kind:2string
Unknown+ :1TypeMeta raw:2bytes! contentEncoding:3string! contentType:4string!
# scheduling/v1 scheduling.k8s.io v1
PriorityClass+ metadata:1meta/v1.ObjectMeta value:2int32! globalDefault:3bool description:4string preemptionPolicy:5*string
PriorityClassList+ metadata:1meta/v1.ListMeta items:2[]PriorityClass!
# scheduling/v1alpha1 scheduling.k8s.io v1alpha1
BasicSchedulingPolicy
GangSchedulingPolicy minCount:1int32!
PodGroup name:1string! policy:3PodGroupPolicy!
PodGroupPolicy basic:2*BasicSchedulingPolicy gang:3*GangSchedulingPolicy
PriorityClass+ metadata:1meta/v1.ObjectMeta value:2int32! globalDefault:3bool description:4string preemptionPolicy:5*string
PriorityClassList+ metadata:1meta/v1.ListMeta items:2[]PriorityClass!
TypedLocalObjectReference apiGroup:1string kind:2string! name:3string!
Workload+ metadata:1meta/v1.ObjectMeta spec:2WorkloadSpec!
WorkloadList+ metadata:1meta/v1.ListMeta items:2[]Workload!
WorkloadSpec controllerRef:1*TypedLocalObjectReference podGroups:2[]PodGroup!
# scheduling/v1alpha2 scheduling.k8s.io v1alpha2
BasicSchedulingPolicy
GangSchedulingPolicy minCount:1int32!
PodGroup+ metadata:1meta/v1.ObjectMeta spec:2PodGroupSpec! status:3PodGroupStatus
PodGroupList+ metadata:1meta/v1.ListMeta items:2[]PodGroup!
PodGroupResourceClaim name:1string! resourceClaimName:2*string resourceClaimTemplateName:3*string
PodGroupResourceClaimStatus name:1string! resourceClaimName:2*string
PodGroupSchedulingConstraints topology:1[]TopologyConstraint
PodGroupSchedulingPolicy basic:1*BasicSchedulingPolicy gang:2*GangSchedulingPolicy
PodGroupSpec podGroupTemplateRef:1*PodGroupTemplateReference! schedulingPolicy:2PodGroupSchedulingPolicy! schedulingConstraints:3*PodGroupSchedulingConstraints resourceClaims:4[]PodGroupResourceClaim disruptionMode:5*string priorityClassName:6string priority:7*int32
PodGroupStatus conditions:1[]meta/v1.Condition resourceClaimStatuses:2[]PodGroupResourceClaimStatus
PodGroupTemplate name:1string! schedulingPolicy:2PodGroupSchedulingPolicy! schedulingConstraints:3*PodGroupSchedulingConstraints! resourceClaims:4[]PodGroupResourceClaim disruptionMode:5*string priorityClassName:6string priority:7*int32
PodGroupTemplateReference workload:1*WorkloadPodGroupTemplateReference!
TopologyConstraint key:1string!
TypedLocalObjectReference apiGroup:1string kind:2string! name:3string!
Workload+ metadata:1meta/v1.ObjectMeta spec:2WorkloadSpec!
WorkloadList+ metadata:1meta/v1.ListMeta items:2[]Workload!
WorkloadPodGroupTemplateReference workloadName:1string! podGroupTemplateName:2string!
WorkloadSpec controllerRef:1*TypedLocalObjectReference podGroupTemplates:2[]PodGroupTemplate!
# scheduling/v1alpha3 scheduling.k8s.io v1alpha3
AllCompositeDisruptionMode
AllDisruptionMode
BasicSchedulingPolicy
CompositeBasicSchedulingPolicy
CompositeDisruptionMode single:1*SingleCompositeDisruptionMode all:2*AllCompositeDisruptionMode
CompositeGangSchedulingPolicy minGroupCount:1int32!
CompositePodGroup+ metadata:1meta/v1.ObjectMeta spec:2CompositePodGroupSpec! status:3CompositePodGroupStatus
CompositePodGroupList+ metadata:1meta/v1.ListMeta items:2[]CompositePodGroup!
CompositePodGroupSchedulingConstraints topology:1[]TopologyConstraint
CompositePodGroupSchedulingPolicy basic:1*CompositeBasicSchedulingPolicy gang:2*CompositeGangSchedulingPolicy
CompositePodGroupSpec parentCompositePodGroupName:1*string workloadRef:2*WorkloadReference! schedulingPolicy:3CompositePodGroupSchedulingPolicy! schedulingConstraints:4*CompositePodGroupSchedulingConstraints disruptionMode:5*CompositeDisruptionMode priorityClassName:6string priority:7*int32 preemptionPolicy:8*string
CompositePodGroupStatus conditions:1[]meta/v1.Condition
CompositePodGroupTemplate name:1string! schedulingPolicy:2CompositePodGroupSchedulingPolicy! schedulingConstraints:3*CompositePodGroupSchedulingConstraints disruptionMode:4*CompositeDisruptionMode priorityClassName:5string priority:6*int32 preemptionPolicy:7*string podGroupTemplates:8[]PodGroupTemplate compositePodGroupTemplates:9[]CompositePodGroupTemplate
DisruptionMode single:1*SingleDisruptionMode all:2*AllDisruptionMode
GangSchedulingPolicy minCount:1int32!
PodGroup+ metadata:1meta/v1.ObjectMeta spec:2PodGroupSpec! status:3PodGroupStatus
PodGroupList+ metadata:1meta/v1.ListMeta items:2[]PodGroup!
PodGroupResourceClaim name:1string! resourceClaimName:2*string resourceClaimTemplateName:3*string
PodGroupResourceClaimStatus name:1string! resourceClaimName:2*string
PodGroupSchedulingConstraints topology:1[]TopologyConstraint
PodGroupSchedulingPolicy basic:1*BasicSchedulingPolicy gang:2*GangSchedulingPolicy
PodGroupSpec parentCompositePodGroupName:1*string workloadRef:2*WorkloadReference schedulingPolicy:3PodGroupSchedulingPolicy! schedulingConstraints:4*PodGroupSchedulingConstraints resourceClaims:5[]PodGroupResourceClaim disruptionMode:6*DisruptionMode priorityClassName:7string priority:8*int32 preemptionPolicy:9*string
PodGroupStatus conditions:1[]meta/v1.Condition resourceClaimStatuses:2[]PodGroupResourceClaimStatus
PodGroupTemplate name:1string! schedulingPolicy:2PodGroupSchedulingPolicy! schedulingConstraints:3*PodGroupSchedulingConstraints! resourceClaims:4[]PodGroupResourceClaim disruptionMode:5*DisruptionMode priorityClassName:6string priority:7*int32 preemptionPolicy:8*string
SingleCompositeDisruptionMode
SingleDisruptionMode
TopologyConstraint key:1string!
TypedLocalObjectReference apiGroup:1string kind:2string! name:3string!
Workload+ metadata:1meta/v1.ObjectMeta spec:2WorkloadSpec!
WorkloadCompositePodGroupAllDisruptionMode
WorkloadCompositePodGroupBasicSchedulingPolicy
WorkloadCompositePodGroupDisruptionMode single:1*WorkloadCompositePodGroupSingleDisruptionMode all:2*WorkloadCompositePodGroupAllDisruptionMode
WorkloadCompositePodGroupGangSchedulingPolicy minGroupCount:1*int32
WorkloadCompositePodGroupSchedulingConstraints topology:1[]TopologyConstraint
WorkloadCompositePodGroupSchedulingPolicy basic:1*WorkloadCompositePodGroupBasicSchedulingPolicy gang:2*WorkloadCompositePodGroupGangSchedulingPolicy
WorkloadCompositePodGroupSingleDisruptionMode
WorkloadList+ metadata:1meta/v1.ListMeta items:2[]Workload!
WorkloadPodGroupAllDisruptionMode
WorkloadPodGroupBasicSchedulingPolicy
WorkloadPodGroupDisruptionMode single:1*WorkloadPodGroupSingleDisruptionMode all:2*WorkloadPodGroupAllDisruptionMode
WorkloadPodGroupGangSchedulingPolicy minCount:1*int32
WorkloadPodGroupResourceClaim name:1string! resourceClaimName:2*string resourceClaimTemplateName:3*string
WorkloadPodGroupSchedulingConstraints topology:1[]TopologyConstraint
WorkloadPodGroupSchedulingPolicy basic:1*WorkloadPodGroupBasicSchedulingPolicy gang:2*WorkloadPodGroupGangSchedulingPolicy
WorkloadPodGroupSingleDisruptionMode
WorkloadReference workloadName:1string! templateName:2string!
WorkloadSpec controllerRef:1*TypedLocalObjectReference podGroupTemplates:2[]PodGroupTemplate! compositePodGroupTemplates:3[]CompositePodGroupTemplate
# scheduling/v1beta1 scheduling.k8s.io v1beta1
AllCompositeDisruptionMode
AllDisruptionMode
BasicSchedulingPolicy
CompositeBasicSchedulingPolicy
CompositeDisruptionMode single:1*SingleCompositeDisruptionMode all:2*AllCompositeDisruptionMode
CompositeGangSchedulingPolicy minGroupCount:1int32!
CompositePodGroupSchedulingConstraints topology:1[]TopologyConstraint
CompositePodGroupSchedulingPolicy basic:1*CompositeBasicSchedulingPolicy gang:2*CompositeGangSchedulingPolicy
CompositePodGroupTemplate name:1string! schedulingPolicy:2CompositePodGroupSchedulingPolicy! schedulingConstraints:3*CompositePodGroupSchedulingConstraints disruptionMode:4*CompositeDisruptionMode priorityClassName:5string priority:6*int32 preemptionPolicy:7*string podGroupTemplates:8[]PodGroupTemplate compositePodGroupTemplates:9[]CompositePodGroupTemplate
DisruptionMode single:1*SingleDisruptionMode all:2*AllDisruptionMode
GangSchedulingPolicy minCount:1int32!
PodGroup+ metadata:1meta/v1.ObjectMeta spec:2PodGroupSpec! status:3PodGroupStatus
PodGroupList+ metadata:1meta/v1.ListMeta items:2[]PodGroup!
PodGroupResourceClaim name:1string! resourceClaimName:2*string resourceClaimTemplateName:3*string
PodGroupResourceClaimStatus name:1string! resourceClaimName:2*string
PodGroupSchedulingConstraints topology:1[]TopologyConstraint
PodGroupSchedulingPolicy basic:1*BasicSchedulingPolicy gang:2*GangSchedulingPolicy
PodGroupSpec parentCompositePodGroupName:1*string workloadRef:2*WorkloadReference schedulingPolicy:3PodGroupSchedulingPolicy! schedulingConstraints:4*PodGroupSchedulingConstraints resourceClaims:5[]PodGroupResourceClaim disruptionMode:6*DisruptionMode priorityClassName:7string priority:8*int32 preemptionPolicy:9*string
PodGroupStatus conditions:1[]meta/v1.Condition resourceClaimStatuses:2[]PodGroupResourceClaimStatus
PodGroupTemplate name:1string! schedulingPolicy:2PodGroupSchedulingPolicy! schedulingConstraints:3*PodGroupSchedulingConstraints! resourceClaims:4[]PodGroupResourceClaim disruptionMode:5*DisruptionMode priorityClassName:6string priority:7*int32 preemptionPolicy:8*string
PriorityClass+ metadata:1meta/v1.ObjectMeta value:2int32! globalDefault:3bool description:4string preemptionPolicy:5*string
PriorityClassList+ metadata:1meta/v1.ListMeta items:2[]PriorityClass!
SingleCompositeDisruptionMode
SingleDisruptionMode
TopologyConstraint key:1string!
TypedLocalObjectReference apiGroup:1string kind:2string! name:3string!
Workload+ metadata:1meta/v1.ObjectMeta spec:2WorkloadSpec!
WorkloadList+ metadata:1meta/v1.ListMeta items:2[]Workload!
WorkloadReference workloadName:1string! templateName:2string!
WorkloadSpec controllerRef:1*TypedLocalObjectReference podGroupTemplates:2[]PodGroupTemplate! compositePodGroupTemplates:3[]CompositePodGroupTemplate
# settings/v1alpha1 settings.k8s.io v1alpha1
PodPreset+ metadata:1meta/v1.ObjectMeta spec:2PodPresetSpec
PodPresetList+ metadata:1meta/v1.ListMeta items:2[]PodPreset!
PodPresetSpec selector:1meta/v1.LabelSelector env:2[]core/v1.EnvVar envFrom:3[]core/v1.EnvFromSource volumes:4[]core/v1.Volume volumeMounts:5[]core/v1.VolumeMount
# storage/v1 storage.k8s.io v1
CSIDriver+ metadata:1meta/v1.ObjectMeta spec:2CSIDriverSpec!
CSIDriverList+ metadata:1meta/v1.ListMeta items:2[]CSIDriver!
CSIDriverSpec attachRequired:1*bool podInfoOnMount:2*bool volumeLifecycleModes:3[]string storageCapacity:4*bool fsGroupPolicy:5*string tokenRequests:6[]TokenRequest requiresRepublish:7*bool seLinuxMount:8*bool nodeAllocatableUpdatePeriodSeconds:9*int64 serviceAccountTokenInSecrets:10*bool preventPodSchedulingIfMissing:11*bool
CSINode+ metadata:1meta/v1.ObjectMeta spec:2CSINodeSpec! status:3CSINodeStatus^
CSINodeDriver name:1string! nodeID:2string! topologyKeys:3[]string! allocatable:4*VolumeNodeResources
CSINodeList+ metadata:1meta/v1.ListMeta items:2[]CSINode!
CSINodeSpec drivers:1[]CSINodeDriver!
CSINodeStatus storageHealth:1[]StorageHealth
CSIStorageCapacity+ metadata:1meta/v1.ObjectMeta nodeTopology:2*meta/v1.LabelSelector storageClassName:3string! capacity:4*resource.Quantity maximumVolumeSize:5*resource.Quantity
CSIStorageCapacityList+ metadata:1meta/v1.ListMeta items:2[]CSIStorageCapacity!
StorageClass+ metadata:1meta/v1.ObjectMeta provisioner:2string! parameters:3{}string reclaimPolicy:4*string mountOptions:5[]string allowVolumeExpansion:6*bool volumeBindingMode:7*string allowedTopologies:8[]core/v1.TopologySelectorTerm
StorageClassList+ metadata:1meta/v1.ListMeta items:2[]StorageClass!
StorageHealth name:1string! healthConditions:2[]StorageHealthCondition
StorageHealthCondition status:1string! reason:2string! message:3string accessMode:4*string volumeMode:5*string lastTransitionTime:6meta/v1.Time
TokenRequest audience:1string! expirationSeconds:2*int64
VolumeAttachment+ metadata:1meta/v1.ObjectMeta spec:2VolumeAttachmentSpec! status:3VolumeAttachmentStatus
VolumeAttachmentList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttachment!
VolumeAttachmentSource persistentVolumeName:1*string inlineVolumeSpec:2*core/v1.PersistentVolumeSpec
VolumeAttachmentSpec attacher:1string! source:2VolumeAttachmentSource! nodeName:3string!
VolumeAttachmentStatus attached:1bool! attachmentMetadata:2{}string attachError:3*VolumeError detachError:4*VolumeError
VolumeAttributesClass+ metadata:1meta/v1.ObjectMeta driverName:2string! parameters:3{}string
VolumeAttributesClassList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttributesClass!
VolumeError time:1meta/v1.Time message:2string errorCode:3*int32
VolumeNodeResources count:1*int32
# storage/v1alpha1 storage.k8s.io v1alpha1
CSIStorageCapacity+ metadata:1meta/v1.ObjectMeta nodeTopology:2*meta/v1.LabelSelector storageClassName:3string! capacity:4*resource.Quantity maximumVolumeSize:5*resource.Quantity
CSIStorageCapacityList+ metadata:1meta/v1.ListMeta items:2[]CSIStorageCapacity!
VolumeAttachment+ metadata:1meta/v1.ObjectMeta spec:2VolumeAttachmentSpec! status:3VolumeAttachmentStatus
VolumeAttachmentList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttachment!
VolumeAttachmentSource persistentVolumeName:1*string inlineVolumeSpec:2*core/v1.PersistentVolumeSpec
VolumeAttachmentSpec attacher:1string! source:2VolumeAttachmentSource! nodeName:3string!
VolumeAttachmentStatus attached:1bool! attachmentMetadata:2{}string attachError:3*VolumeError detachError:4*VolumeError
VolumeAttributesClass+ metadata:1meta/v1.ObjectMeta driverName:2string! parameters:3{}string
VolumeAttributesClassList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttributesClass!
VolumeError time:1meta/v1.Time message:2string errorCode:3*int32
# storage/v1beta1 storage.k8s.io v1beta1
CSIDriver+ metadata:1meta/v1.ObjectMeta spec:2CSIDriverSpec!
CSIDriverList+ metadata:1meta/v1.ListMeta items:2[]CSIDriver!
CSIDriverSpec attachRequired:1*bool podInfoOnMount:2*bool volumeLifecycleModes:3[]string storageCapacity:4*bool fsGroupPolicy:5*string tokenRequests:6[]TokenRequest requiresRepublish:7*bool seLinuxMount:8*bool nodeAllocatableUpdatePeriodSeconds:9*int64 serviceAccountTokenInSecrets:10*bool preventPodSchedulingIfMissing:11*bool
CSINode+ metadata:1meta/v1.ObjectMeta spec:2CSINodeSpec! status:3CSINodeStatus^
CSINodeDriver name:1string! nodeID:2string! topologyKeys:3[]string! allocatable:4*VolumeNodeResources
CSINodeList+ metadata:1meta/v1.ListMeta items:2[]CSINode!
CSINodeSpec drivers:1[]CSINodeDriver!
CSINodeStatus storageHealth:1[]StorageHealth
CSIStorageCapacity+ metadata:1meta/v1.ObjectMeta nodeTopology:2*meta/v1.LabelSelector storageClassName:3string! capacity:4*resource.Quantity maximumVolumeSize:5*resource.Quantity
CSIStorageCapacityList+ metadata:1meta/v1.ListMeta items:2[]CSIStorageCapacity!
StorageClass+ metadata:1meta/v1.ObjectMeta provisioner:2string! parameters:3{}string reclaimPolicy:4*string mountOptions:5[]string allowVolumeExpansion:6*bool volumeBindingMode:7*string allowedTopologies:8[]core/v1.TopologySelectorTerm
StorageClassList+ metadata:1meta/v1.ListMeta items:2[]StorageClass!
StorageHealth name:1string! healthConditions:2[]StorageHealthCondition
StorageHealthCondition status:1string! reason:2string! message:3string accessMode:4*string volumeMode:5*string lastTransitionTime:6meta/v1.Time
TokenRequest audience:1string! expirationSeconds:2*int64
VolumeAttachment+ metadata:1meta/v1.ObjectMeta spec:2VolumeAttachmentSpec! status:3VolumeAttachmentStatus
VolumeAttachmentList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttachment!
VolumeAttachmentSource persistentVolumeName:1*string inlineVolumeSpec:2*core/v1.PersistentVolumeSpec
VolumeAttachmentSpec attacher:1string! source:2VolumeAttachmentSource! nodeName:3string!
VolumeAttachmentStatus attached:1bool! attachmentMetadata:2{}string attachError:3*VolumeError detachError:4*VolumeError
VolumeAttributesClass+ metadata:1meta/v1.ObjectMeta driverName:2string! parameters:3{}string
VolumeAttributesClassList+ metadata:1meta/v1.ListMeta items:2[]VolumeAttributesClass!
VolumeError time:1meta/v1.Time message:2string errorCode:3*int32
VolumeNodeResources count:1*int32
# storagemigration/v1 storagemigration.k8s.io v1
StorageVersionMigration+ metadata:1meta/v1.ObjectMeta spec:2StorageVersionMigrationSpec status:3StorageVersionMigrationStatus
StorageVersionMigrationList+ metadata:1meta/v1.ListMeta items:2[]StorageVersionMigration!
StorageVersionMigrationSpec resource:1meta/v1.GroupResource!
StorageVersionMigrationStatus conditions:1[]meta/v1.Condition resourceVersion:2string
# storagemigration/v1alpha1 storagemigration.k8s.io v1alpha1
GroupVersionResource group:1string version:2string resource:3string
MigrationCondition type:1string! status:2string! lastUpdateTime:3meta/v1.Time reason:4string message:5string
StorageVersionMigration+ metadata:1meta/v1.ObjectMeta spec:2StorageVersionMigrationSpec status:3StorageVersionMigrationStatus
StorageVersionMigrationList+ metadata:1meta/v1.ListMeta items:2[]StorageVersionMigration!
StorageVersionMigrationSpec resource:1GroupVersionResource! continueToken:2string
StorageVersionMigrationStatus conditions:1[]MigrationCondition resourceVersion:2string
# storagemigration/v1beta1 storagemigration.k8s.io v1beta1
StorageVersionMigration+ metadata:1meta/v1.ObjectMeta spec:2StorageVersionMigrationSpec status:3StorageVersionMigrationStatus
StorageVersionMigrationList+ metadata:1meta/v1.ListMeta items:2[]StorageVersionMigration!
StorageVersionMigrationSpec resource:1meta/v1.GroupResource!
StorageVersionMigrationStatus conditions:1[]meta/v1.Condition resourceVersion:2string
`;
